-- Who somebody is: posts move, persons do not. Codes of the old form end; the chats in use are those seen lately.

ALTER TABLE people ADD COLUMN online_at BIGINT;
ALTER TABLE people ADD COLUMN became_person_id BIGINT;
ALTER TABLE people ADD COLUMN suspended_rank TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN suspended_station BIGINT;
CREATE INDEX people_became ON people(became_person_id) WHERE became_person_id IS NOT NULL;
UPDATE people SET online_at = created_at WHERE consent_version NOT IN ('', 'roster')
    OR id IN (SELECT person_id FROM addresses) OR id IN (SELECT reporter_id FROM cases WHERE reporter_id IS NOT NULL);
UPDATE people SET suspended_rank = 'leader',
    suspended_station = (SELECT MIN(station_id) FROM posts WHERE posts.person_id = people.id AND posts.until_at IS NULL)
    WHERE suspended_at IS NOT NULL;
UPDATE addresses SET seen_at = COALESCE((SELECT MAX(at) FROM audit), seen_at)
    WHERE (SELECT COUNT(*) FROM addresses other WHERE other.person_id = addresses.person_id) = 1;
ALTER TABLE invitations ADD COLUMN phone TEXT NOT NULL DEFAULT '';
UPDATE invitations SET revoked_at = issued_at WHERE used_at IS NULL AND revoked_at IS NULL;
ALTER TABLE appointments ADD COLUMN needs_approval BIGINT NOT NULL DEFAULT 1;
ALTER TABLE appointments ADD COLUMN approved_by BIGINT;
ALTER TABLE appointments ADD COLUMN waits_until BIGINT;
ALTER TABLE appointments ADD COLUMN held_at BIGINT;
CREATE INDEX attempts_what ON attempts(what, at);
