-- Alerts: what was sent, which villages must confirm (`handed_to`: who has it because no chair can be reached), who has seen it.

CREATE TABLE alerts (id {id}, station_id BIGINT NOT NULL REFERENCES stations(id), author_id BIGINT NOT NULL REFERENCES people(id),
    author_name TEXT NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL, drill BIGINT NOT NULL, state TEXT NOT NULL, created_at BIGINT NOT NULL,
    asked_at BIGINT, second_id BIGINT REFERENCES people(id), sent_at BIGINT, expires_at BIGINT, nudged_at BIGINT,
    nudges BIGINT NOT NULL DEFAULT 0, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX alerts_station ON alerts(station_id, id);
CREATE TABLE alert_villages (alert_id BIGINT NOT NULL REFERENCES alerts(id), village_id BIGINT NOT NULL REFERENCES villages(id),
    chair_id BIGINT REFERENCES people(id), handed_to BIGINT REFERENCES people(id), confirmed_at BIGINT, confirmed_by BIGINT REFERENCES people(id), confirmed_name TEXT NOT NULL DEFAULT '',
    how TEXT NOT NULL DEFAULT '', late BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (alert_id, village_id));
CREATE INDEX alert_villages_village ON alert_villages(village_id, alert_id);
CREATE TABLE alert_receipts (alert_id BIGINT NOT NULL REFERENCES alerts(id), person_id BIGINT NOT NULL REFERENCES people(id), at BIGINT NOT NULL,
    PRIMARY KEY (alert_id, person_id));
