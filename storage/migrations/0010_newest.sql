-- Lists newest first: of a village or a station, whatever the state.

CREATE INDEX cases_village_newest ON cases(village_id, id);
CREATE INDEX cases_station_newest ON cases(station_id, id);
