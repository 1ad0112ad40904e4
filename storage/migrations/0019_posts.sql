-- Whatever somebody holds or has on their screen is found when their posts change.

CREATE INDEX cases_holder ON cases(holder_id, ended_at) WHERE holder_id IS NOT NULL;
CREATE INDEX cards_person ON cards(person_id) WHERE person_id IS NOT NULL;
CREATE INDEX trainings_organiser ON trainings(organiser_id, state);

-- The posts of one hand-over are decided with one word: all but the first name it.

ALTER TABLE appointments ADD COLUMN with_id BIGINT;
CREATE INDEX appointments_with ON appointments(with_id) WHERE with_id IS NOT NULL;
