-- The engine and the directory. Instants (`…_at`) are microseconds since 1970 UTC; JSON is text; flags are 0 or 1.

CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, fence BIGINT NOT NULL, until_at BIGINT NOT NULL);

-- People -------------------------------------------------------------------------------------------------------------

CREATE TABLE stations (id {id}, name TEXT NOT NULL UNIQUE);
CREATE TABLE villages (id {id}, station_id BIGINT NOT NULL REFERENCES stations(id), name TEXT NOT NULL, closed_at BIGINT,
    UNIQUE (station_id, name));
CREATE TABLE people (id {id}, name TEXT NOT NULL, phone TEXT NOT NULL DEFAULT '', language TEXT NOT NULL DEFAULT 'zh',
    village_id BIGINT REFERENCES villages(id), consent_version TEXT NOT NULL DEFAULT '', consented_at BIGINT,
    wants_tips BIGINT NOT NULL DEFAULT 1, suspended_at BIGINT, forgotten_at BIGINT, created_at BIGINT NOT NULL,
    version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX people_village ON people(village_id);
CREATE TABLE addresses (channel TEXT NOT NULL, user_id BIGINT NOT NULL, person_id BIGINT NOT NULL REFERENCES people(id),
    unreachable_at BIGINT, unreachable_why TEXT NOT NULL DEFAULT '', seen_at BIGINT, PRIMARY KEY (channel, user_id));
CREATE INDEX addresses_person ON addresses(person_id);
CREATE TABLE posts (id {id}, person_id BIGINT NOT NULL REFERENCES people(id), role TEXT NOT NULL,
    station_id BIGINT NOT NULL REFERENCES stations(id), village_id BIGINT REFERENCES villages(id), since_at BIGINT NOT NULL,
    until_at BIGINT);
CREATE INDEX posts_person ON posts(person_id);
CREATE INDEX posts_village ON posts(village_id, role);
CREATE INDEX posts_station ON posts(station_id, role);
CREATE TABLE leaves (id {id}, person_id BIGINT NOT NULL REFERENCES people(id), deputy_id BIGINT NOT NULL REFERENCES people(id),
    from_at BIGINT NOT NULL, until_at BIGINT NOT NULL, cancelled_at BIGINT);
CREATE INDEX leaves_person ON leaves(person_id, until_at);
CREATE INDEX leaves_deputy ON leaves(deputy_id, until_at);
CREATE TABLE invitations (id {id}, code_hash TEXT NOT NULL UNIQUE, role TEXT NOT NULL, station_id BIGINT NOT NULL,
    village_id BIGINT, person_id BIGINT, issuer_id BIGINT, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
    used_at BIGINT, used_by BIGINT, revoked_at BIGINT);
CREATE TABLE groups (channel TEXT NOT NULL, chat_id BIGINT NOT NULL, title TEXT NOT NULL DEFAULT '', village_id BIGINT REFERENCES villages(id),
    thread_id BIGINT NOT NULL DEFAULT 0, bound_by BIGINT, bound_at BIGINT, left_at BIGINT, moved_to BIGINT, PRIMARY KEY (channel, chat_id));
CREATE INDEX groups_village ON groups(village_id);
CREATE TABLE drafts (channel TEXT NOT NULL, chat_id BIGINT NOT NULL, dialog TEXT NOT NULL, step TEXT NOT NULL, answers TEXT NOT NULL,
    started_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (channel, chat_id));
CREATE TABLE attempts (channel TEXT NOT NULL, user_id BIGINT NOT NULL, what TEXT NOT NULL, at BIGINT NOT NULL);
CREATE INDEX attempts_who ON attempts(channel, user_id, what, at);

-- Receive, tell, time ---------------------------------------------------------------------------------------------------

CREATE TABLE inbox (id {id}, channel TEXT NOT NULL, update_id BIGINT NOT NULL, effect TEXT NOT NULL, chat_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL DEFAULT 0, lane BIGINT NOT NULL DEFAULT 1, payload TEXT NOT NULL, received_at BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', attempts BIGINT NOT NULL DEFAULT 0, not_before BIGINT NOT NULL DEFAULT 0,
    incident TEXT NOT NULL DEFAULT '', fault TEXT NOT NULL DEFAULT '', done_at BIGINT, UNIQUE (channel, update_id), UNIQUE (channel, effect));
CREATE INDEX inbox_waiting ON inbox(lane, id) WHERE state = 'waiting';
CREATE INDEX inbox_done ON inbox(done_at) WHERE state = 'done';
CREATE TABLE outbox (id {id}, unique_key TEXT NOT NULL UNIQUE, channel TEXT NOT NULL, chat_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL DEFAULT 0, person_id BIGINT, language TEXT NOT NULL, priority BIGINT NOT NULL, key TEXT NOT NULL,
    params TEXT NOT NULL, buttons TEXT NOT NULL DEFAULT '', card TEXT NOT NULL DEFAULT '', fresh BIGINT NOT NULL DEFAULT 0,
    media TEXT NOT NULL DEFAULT '', ask TEXT NOT NULL DEFAULT '', silent BIGINT NOT NULL DEFAULT 0, protect BIGINT NOT NULL DEFAULT 0,
    not_before BIGINT NOT NULL, expires_at BIGINT, subject TEXT NOT NULL DEFAULT '', batch TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL DEFAULT '', village_id BIGINT, falls_upward BIGINT NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting',
    owner TEXT NOT NULL DEFAULT '', lease_until BIGINT NOT NULL DEFAULT 0, attempts BIGINT NOT NULL DEFAULT 0,
    ambiguous BIGINT NOT NULL DEFAULT 0, message_id BIGINT, fault TEXT NOT NULL DEFAULT '', created_at BIGINT NOT NULL, done_at BIGINT);
CREATE INDEX outbox_waiting ON outbox(priority, id) WHERE state = 'waiting';
CREATE INDEX outbox_batch ON outbox(batch, state) WHERE batch <> '';
CREATE INDEX outbox_card ON outbox(channel, chat_id, card) WHERE card <> '' AND state = 'waiting';
CREATE INDEX outbox_subject ON outbox(subject) WHERE subject <> '';
CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL;
CREATE TABLE cards (channel TEXT NOT NULL, chat_id BIGINT NOT NULL, card TEXT NOT NULL, message_id BIGINT NOT NULL, person_id BIGINT,
    drawn_at BIGINT NOT NULL, PRIMARY KEY (channel, chat_id, card));
CREATE INDEX cards_name ON cards(card);
CREATE TABLE timers (id {id}, kind TEXT NOT NULL, subject TEXT NOT NULL, occurrence TEXT NOT NULL UNIQUE, due_at BIGINT NOT NULL,
    data TEXT NOT NULL DEFAULT '{{}}', state TEXT NOT NULL DEFAULT 'waiting', attempts BIGINT NOT NULL DEFAULT 0, fault TEXT NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL, done_at BIGINT, outcome TEXT NOT NULL DEFAULT '');
CREATE INDEX timers_due ON timers(due_at) WHERE state = 'waiting';
CREATE INDEX timers_subject ON timers(subject, kind, state);
CREATE TABLE schedules (id {id}, kind TEXT NOT NULL, station_id BIGINT NOT NULL, name TEXT NOT NULL, cron TEXT NOT NULL, data TEXT NOT NULL DEFAULT '{{}}',
    paused_at BIGINT, next_at BIGINT NOT NULL, created_by BIGINT, created_at BIGINT NOT NULL, version BIGINT NOT NULL DEFAULT 1);
CREATE INDEX schedules_next ON schedules(next_at) WHERE paused_at IS NULL;
CREATE TABLE audit (id {id}, at BIGINT NOT NULL, subject TEXT NOT NULL, action TEXT NOT NULL, actor_id BIGINT, words TEXT NOT NULL DEFAULT '',
    data TEXT NOT NULL DEFAULT '{{}}');
CREATE INDEX audit_subject ON audit(subject, id);
