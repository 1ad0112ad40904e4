-- Opinions on the service, and the answers of leaders.

CREATE TABLE opinions (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    author_id BIGINT NOT NULL REFERENCES people(id), topic TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL, opened_at BIGINT NOT NULL,
    answer TEXT NOT NULL DEFAULT '', answered_by BIGINT REFERENCES people(id), ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX opinions_open ON opinions(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX opinions_author ON opinions(author_id);
