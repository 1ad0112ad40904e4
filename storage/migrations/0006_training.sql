-- Training: what is announced, who answered, who came. `turn` grows with every change of time or place and makes older reminders stale.

CREATE TABLE trainings (id {id}, station_id BIGINT NOT NULL REFERENCES stations(id), organiser_id BIGINT NOT NULL REFERENCES people(id),
    organiser_name TEXT NOT NULL, subject TEXT NOT NULL, place TEXT NOT NULL, pin TEXT NOT NULL DEFAULT '', starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL, capacity BIGINT NOT NULL DEFAULT 0, state TEXT NOT NULL, code TEXT NOT NULL DEFAULT '',
    token TEXT NOT NULL DEFAULT '', turn BIGINT NOT NULL DEFAULT 1, created_at BIGINT NOT NULL, announced_at BIGINT, ended_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX trainings_station ON trainings(station_id, starts_at);
CREATE TABLE training_villages (training_id BIGINT NOT NULL REFERENCES trainings(id), village_id BIGINT NOT NULL REFERENCES villages(id),
    PRIMARY KEY (training_id, village_id));
CREATE INDEX training_villages_village ON training_villages(village_id, training_id);
CREATE TABLE training_people (training_id BIGINT NOT NULL REFERENCES trainings(id), person_id BIGINT NOT NULL REFERENCES people(id),
    village_id BIGINT REFERENCES villages(id), answer TEXT NOT NULL DEFAULT '', queue BIGINT NOT NULL DEFAULT 0, answered_at BIGINT,
    signed_at BIGINT, signed_by BIGINT, PRIMARY KEY (training_id, person_id));
CREATE INDEX training_people_person ON training_people(person_id, training_id);
