-- Blocks of villagers who abuse reports, and urgent words that were gathered for the duty desk instead of ringing once more.

ALTER TABLE people ADD COLUMN blocked_until BIGINT;
CREATE TABLE blocks (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    person_id BIGINT NOT NULL REFERENCES people(id), case_id BIGINT NOT NULL, reason TEXT NOT NULL, days BIGINT NOT NULL,
    state TEXT NOT NULL, opened_by BIGINT NOT NULL REFERENCES people(id), opened_at BIGINT NOT NULL, decided_by BIGINT REFERENCES people(id),
    rank TEXT NOT NULL DEFAULT '', until_at BIGINT, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX blocks_open ON blocks(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX blocks_person ON blocks(person_id);
CREATE INDEX blocks_case ON blocks(case_id);
CREATE TABLE gathered_cases (case_id BIGINT PRIMARY KEY REFERENCES cases(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    words BIGINT NOT NULL, last_at BIGINT NOT NULL);
CREATE INDEX gathered_cases_station ON gathered_cases(station_id, last_at);
