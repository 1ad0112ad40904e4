-- Drills of a call for help. They are not cases: they have their own numbers, and no list or figure of cases has them. They name who started them.

CREATE TABLE sos_drills (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    danger TEXT NOT NULL, started_by BIGINT NOT NULL REFERENCES people(id), state TEXT NOT NULL, opened_at BIGINT NOT NULL,
    turn BIGINT NOT NULL DEFAULT 0, answered_at BIGINT, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX sos_drills_open ON sos_drills(village_id) WHERE ended_at IS NULL;
CREATE INDEX sos_drills_opened ON sos_drills(opened_at);

-- The people who were called in a drill, and when each answered. They go with the drill.

CREATE TABLE sos_drill_calls (drill_id BIGINT NOT NULL REFERENCES sos_drills(id), person_id BIGINT NOT NULL REFERENCES people(id),
    role TEXT NOT NULL, called_at BIGINT NOT NULL, reached BIGINT NOT NULL DEFAULT 1, answered_at BIGINT, arrived_at BIGINT,
    PRIMARY KEY (drill_id, person_id));
CREATE INDEX sos_drill_calls_person ON sos_drill_calls(person_id);
CREATE INDEX cases_urgent_open ON cases(village_id) WHERE severity = 'pressing' AND ended_at IS NULL;
