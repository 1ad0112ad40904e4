-- When a drill ends by itself: frozen at its start, like the rounds of a case.

ALTER TABLE sos_drills ADD COLUMN ends_at BIGINT NOT NULL DEFAULT 0;
UPDATE sos_drills SET ends_at = opened_at + 1800000000;

-- The duty desk's list of further urgent words: they are in the account's own urgent case, which the desk reads.

DROP TABLE gathered_cases;

-- Where a place is (millionths of a degree, as it was sent), if somebody sent it from there.

ALTER TABLE village_places ADD COLUMN latitude BIGINT;
ALTER TABLE village_places ADD COLUMN longitude BIGINT;
