-- Callouts: urgent cases to which somebody was called; each has the number of its case and stays with it. It names nobody.

CREATE TABLE callouts (id BIGINT PRIMARY KEY REFERENCES cases(id), called_at BIGINT NOT NULL, over_at BIGINT);

-- Responders: who was called to which case and what they said; no place of a person. A row is deleted when its person is erased, else it stays
-- with the case.

CREATE TABLE responders (callout_id BIGINT NOT NULL REFERENCES callouts(id), person_id BIGINT NOT NULL REFERENCES people(id),
    called_at BIGINT NOT NULL, state TEXT NOT NULL, volunteer BIGINT NOT NULL DEFAULT 0, means TEXT NOT NULL DEFAULT '', due_at BIGINT,
    seen_at BIGINT, came_at BIGINT, PRIMARY KEY (callout_id, person_id));
CREATE INDEX responders_person ON responders(person_id, callout_id);
