-- Duty rotas: the shifts of a role in a station, single turns that somebody else takes, special days, and gaps that were told.
-- People in them: police with a shift, or who were asked to take one. Rows are deleted thirty days after their last date, and with the person.

CREATE TABLE rotas (id {id}, station_id BIGINT NOT NULL REFERENCES stations(id), role TEXT NOT NULL, zone TEXT NOT NULL,
    created_at BIGINT NOT NULL, UNIQUE (station_id, role));
CREATE TABLE shifts (id {id}, rota_id BIGINT NOT NULL REFERENCES rotas(id), person_id BIGINT NOT NULL REFERENCES people(id),
    weekday BIGINT NOT NULL, starts BIGINT NOT NULL, lasts BIGINT NOT NULL, from_on TEXT NOT NULL, until_on TEXT);
CREATE INDEX shifts_rota ON shifts(rota_id, until_on);
CREATE INDEX shifts_person ON shifts(person_id);
CREATE TABLE shift_takeovers (id {id}, rota_id BIGINT NOT NULL REFERENCES rotas(id), shift_id BIGINT NOT NULL, on_date TEXT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people(id), asked_by BIGINT NOT NULL REFERENCES people(id), asked_at BIGINT NOT NULL,
    agreed_at BIGINT, ended_at BIGINT);
CREATE INDEX shift_takeovers_rota ON shift_takeovers(rota_id, on_date);
CREATE INDEX shift_takeovers_person ON shift_takeovers(person_id);
CREATE TABLE rota_days (rota_id BIGINT NOT NULL REFERENCES rotas(id), on_date TEXT NOT NULL, weekday BIGINT NOT NULL,
    PRIMARY KEY (rota_id, on_date));
CREATE TABLE rota_gaps (rota_id BIGINT NOT NULL REFERENCES rotas(id), stage TEXT NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL, PRIMARY KEY (rota_id, stage, from_at, until_at));
