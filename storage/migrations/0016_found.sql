-- Lost and found: what somebody picked up, what somebody lost. `detail_one` and `detail_two` are what only the owner can know of a found thing:
-- they are read by `unseal` alone.

CREATE TABLE found_items (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    kind TEXT NOT NULL, what TEXT NOT NULL, place TEXT NOT NULL, finder_id BIGINT NOT NULL REFERENCES people(id), details BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL, opened_at BIGINT NOT NULL, ended_at BIGINT, handled_by BIGINT REFERENCES people(id), denials BIGINT NOT NULL DEFAULT 0,
    version BIGINT NOT NULL DEFAULT 1, detail_one TEXT NOT NULL DEFAULT '', detail_two TEXT NOT NULL DEFAULT '');
CREATE INDEX found_items_open ON found_items(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX found_items_finder ON found_items(finder_id);
CREATE TABLE lost_items (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    what TEXT NOT NULL, place TEXT NOT NULL, owner_id BIGINT NOT NULL REFERENCES people(id), state TEXT NOT NULL, opened_at BIGINT NOT NULL,
    ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX lost_items_owner ON lost_items(owner_id);
