-- Requests to traffic control for a free way to the hospital. People: the person who asked, the person who directs it, and the words about a
-- patient; they stay as long as an order (see storage/escort.py).
CREATE TABLE escorts (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    state TEXT NOT NULL, place TEXT NOT NULL, car TEXT NOT NULL, hospital TEXT NOT NULL, patient TEXT NOT NULL,
    opened_by BIGINT NOT NULL REFERENCES people(id), opened_at BIGINT NOT NULL, point TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
    handled_by BIGINT REFERENCES people(id), taken_at BIGINT, arrived_at BIGINT, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1,
    phone TEXT NOT NULL DEFAULT '');
CREATE INDEX escorts_open ON escorts(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX escorts_of_person ON escorts(opened_by);
CREATE INDEX escorts_handled ON escorts(handled_by, ended_at);
