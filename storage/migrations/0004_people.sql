-- People: posts that wait for a second person's word, and invitations that take a post over from somebody.

ALTER TABLE invitations ADD COLUMN replaces_id BIGINT;
CREATE INDEX invitations_issuer ON invitations(issuer_id, expires_at);
CREATE INDEX invitations_person ON invitations(person_id);
CREATE TABLE appointments (id {id}, person_id BIGINT NOT NULL REFERENCES people(id), role TEXT NOT NULL,
    station_id BIGINT NOT NULL REFERENCES stations(id), village_id BIGINT REFERENCES villages(id), issuer_id BIGINT NOT NULL,
    replaces_id BIGINT, asked_at BIGINT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', decided_by BIGINT, decided_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX appointments_person ON appointments(person_id, state);
