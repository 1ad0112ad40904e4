-- Messages that wait long for a chat: of one subject, one is enough. `by_clock`: a timer wrote it, so that a later one may take its place.

ALTER TABLE outbox ADD COLUMN by_clock BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_about ON outbox(subject) WHERE state = 'waiting' AND subject <> '';
-- What ended today, for the evening note.
CREATE INDEX cases_station_ended ON cases(station_id, ended_at) WHERE ended_at IS NOT NULL;
