-- Places of a village for emergencies: its point (millionths of a degree, as it was sent), the villages beside it, and where entrances, hydrants
-- and defibrillators are. Nobody is named. They go when somebody deletes them, and a closed village keeps its point and neighbours.

CREATE TABLE village_points (village_id BIGINT PRIMARY KEY REFERENCES villages(id), latitude BIGINT NOT NULL, longitude BIGINT NOT NULL);
CREATE TABLE village_neighbours (village_id BIGINT NOT NULL REFERENCES villages(id), neighbour_id BIGINT NOT NULL REFERENCES villages(id),
    PRIMARY KEY (village_id, neighbour_id));
CREATE INDEX village_neighbours_other ON village_neighbours(neighbour_id, village_id);
CREATE TABLE village_places (id {id}, village_id BIGINT NOT NULL REFERENCES villages(id), kind TEXT NOT NULL, words TEXT NOT NULL,
    hours TEXT NOT NULL DEFAULT '');
CREATE INDEX village_places_village ON village_places(village_id, kind, id);
