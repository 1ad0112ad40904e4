-- Groups of a station's police.

ALTER TABLE groups ADD COLUMN station_id BIGINT REFERENCES stations(id);
CREATE INDEX groups_station ON groups(station_id);
