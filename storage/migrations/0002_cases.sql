-- Cases: the chain, who is in it, and where it stands on the ladder. `id` is the number people say. `ladder` is frozen at the start (JSON).

CREATE TABLE cases (id BIGINT PRIMARY KEY, kind TEXT NOT NULL, category TEXT NOT NULL DEFAULT '', severity TEXT NOT NULL, state TEXT NOT NULL,
    village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id), text TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '', details TEXT NOT NULL DEFAULT '{{}}', source TEXT NOT NULL DEFAULT '',
    reporter_id BIGINT REFERENCES people(id), reporter_name TEXT NOT NULL DEFAULT '', opened_by BIGINT REFERENCES people(id),
    name_hidden BIGINT NOT NULL DEFAULT 0, holder TEXT NOT NULL, holder_id BIGINT REFERENCES people(id), holder_name TEXT NOT NULL DEFAULT '',
    rung BIGINT NOT NULL, fence BIGINT NOT NULL DEFAULT 1, due_at BIGINT, ladder TEXT NOT NULL, parties BIGINT NOT NULL DEFAULT 0,
    sessions BIGINT NOT NULL DEFAULT 0, photos BIGINT NOT NULL DEFAULT 0, voices BIGINT NOT NULL DEFAULT 0, files BIGINT NOT NULL DEFAULT 0,
    opened_at BIGINT NOT NULL, acted_at BIGINT NOT NULL, next_at BIGINT, ended_at BIGINT, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX cases_village ON cases(village_id, state, id);
CREATE INDEX cases_station ON cases(station_id, state, id);
CREATE INDEX cases_reporter ON cases(reporter_id, id);
CREATE INDEX cases_opened_by ON cases(opened_by, id);
CREATE INDEX cases_state ON cases(state, id);
CREATE TABLE case_parties (case_id BIGINT NOT NULL REFERENCES cases(id), person_id BIGINT NOT NULL REFERENCES people(id), side TEXT NOT NULL DEFAULT '',
    added_by BIGINT, added_at BIGINT NOT NULL, PRIMARY KEY (case_id, person_id));
CREATE INDEX case_parties_person ON case_parties(person_id);
CREATE TABLE case_attachments (id {id}, case_id BIGINT NOT NULL REFERENCES cases(id), media TEXT NOT NULL, unique_id TEXT NOT NULL DEFAULT '',
    caption TEXT NOT NULL DEFAULT '', added_by BIGINT, added_at BIGINT NOT NULL, UNIQUE (case_id, unique_id));
CREATE TABLE case_followers (case_id BIGINT NOT NULL REFERENCES cases(id), person_id BIGINT NOT NULL REFERENCES people(id), since_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, person_id));
CREATE INDEX case_followers_person ON case_followers(person_id);
CREATE TABLE case_sessions (id {id}, case_id BIGINT NOT NULL REFERENCES cases(id), number BIGINT NOT NULL, joint BIGINT NOT NULL DEFAULT 0,
    held_at BIGINT, held_words TEXT NOT NULL DEFAULT '', place TEXT NOT NULL DEFAULT '', present TEXT NOT NULL DEFAULT '', result TEXT NOT NULL,
    next_at BIGINT, recorded_by BIGINT, recorded_at BIGINT NOT NULL, UNIQUE (case_id, number));
CREATE INDEX outbox_card_name ON outbox(card) WHERE card <> '' AND state = 'waiting';
