-- Workers: who is at work, and which of them leads. `beat` counts up: a worker whose number stands still is gone, whatever any clock shows.

CREATE TABLE workers (id TEXT PRIMARY KEY, beat BIGINT NOT NULL, since_at BIGINT NOT NULL);
CREATE TABLE leaders (name TEXT PRIMARY KEY, owner TEXT NOT NULL, fence BIGINT NOT NULL, beat BIGINT NOT NULL);
ALTER TABLE inbox ADD COLUMN owner TEXT NOT NULL DEFAULT '';
