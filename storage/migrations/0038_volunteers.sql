-- Volunteers: residents who agreed to be called to urgent cases. A row is its person's own: they delete it with one tap, and it goes when they are
-- erased. No birth date, no place.

CREATE TABLE volunteers (person_id BIGINT PRIMARY KEY REFERENCES people(id), active BIGINT NOT NULL, fights_fire BIGINT NOT NULL,
    agreed_at BIGINT NOT NULL, trained_on TEXT NOT NULL DEFAULT '');
