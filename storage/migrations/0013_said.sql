-- Of a message in several parts: how many the server has taken. They are not said again when a later one has to wait.

ALTER TABLE outbox ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
