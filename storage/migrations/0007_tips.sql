-- Broadcasts: one message to many groups and people, previewed, confirmed, counted. `villages` is JSON: ids.
-- Messages that fall upward: persons who must never be told instead (parties to a case). JSON: ids; empty: nobody.

ALTER TABLE outbox ADD COLUMN not_to TEXT NOT NULL DEFAULT '';
CREATE TABLE broadcasts (id {id}, kind TEXT NOT NULL, station_id BIGINT NOT NULL REFERENCES stations(id), author_id BIGINT NOT NULL REFERENCES people(id),
    key TEXT NOT NULL, params TEXT NOT NULL, audience TEXT NOT NULL, villages TEXT NOT NULL, state TEXT NOT NULL, total BIGINT NOT NULL DEFAULT 0,
    schedule_id BIGINT, created_at BIGINT NOT NULL, confirmed_at BIGINT, done_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX broadcasts_author ON broadcasts(author_id, id);
