-- Real names, and requests to move to another village (a request goes with its person). The names of a roster count as real.

ALTER TABLE people ADD COLUMN named_at BIGINT;
UPDATE people SET named_at = created_at WHERE consent_version = 'roster';
CREATE TABLE relocations (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    person_id BIGINT NOT NULL REFERENCES people(id), from_village_id BIGINT NOT NULL REFERENCES villages(id), state TEXT NOT NULL,
    opened_at BIGINT NOT NULL, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX relocations_open ON relocations(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX relocations_person ON relocations(person_id);
