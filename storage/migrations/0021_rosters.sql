-- Rosters: what a roster said of a person beside the person's own words; changes that wait for a leader; the station beside a village's name.

ALTER TABLE people ADD COLUMN listed_as TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN listed_phone TEXT NOT NULL DEFAULT '';
UPDATE people SET listed_as = name, listed_phone = phone WHERE forgotten_at IS NULL
    AND EXISTS (SELECT 1 FROM audit a WHERE a.subject = 'person:' || people.id AND a.action = 'posts_changed' AND a.actor_id IS NULL)
    AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject = 'person:' || people.id AND a.action = 'renamed');

-- `beside`: what is shown after the name, "（禾安所）", while another open village has the same name.
ALTER TABLE villages ADD COLUMN beside TEXT NOT NULL DEFAULT '';
UPDATE villages SET beside = '（' || (SELECT s.name FROM stations s WHERE s.id = villages.station_id) || '）' WHERE closed_at IS NULL
    AND EXISTS (SELECT 1 FROM villages o WHERE o.name = villages.name AND o.id <> villages.id AND o.closed_at IS NULL);

CREATE TABLE import_requests (id {id}, station_id BIGINT NOT NULL REFERENCES stations(id), made_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', decided_by BIGINT, decided_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX import_requests_station ON import_requests(station_id, state);
CREATE INDEX import_requests_expiry ON import_requests(expires_at);
-- A post (`role`), or a chat (`user_id`, on `channel`).
CREATE TABLE import_items (request_id BIGINT NOT NULL REFERENCES import_requests(id), place BIGINT NOT NULL,
    person_id BIGINT NOT NULL REFERENCES people(id), role TEXT NOT NULL DEFAULT '', village_id BIGINT REFERENCES villages(id),
    channel TEXT NOT NULL DEFAULT '', user_id BIGINT, PRIMARY KEY (request_id, place));
CREATE INDEX import_items_person ON import_items(person_id);
