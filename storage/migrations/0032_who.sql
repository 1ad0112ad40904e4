-- An accused person who is erased and appointed again stays barred: a mark of name, number and chats, which names nobody. It goes with its case.

CREATE TABLE case_party_marks (case_id BIGINT NOT NULL REFERENCES cases(id), mark TEXT NOT NULL, side TEXT NOT NULL, added_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, mark));
CREATE INDEX case_party_marks_mark ON case_party_marks(mark);

-- Further posts that one code gives, beside the one that the invitation names.

CREATE TABLE invitation_posts (invitation_id BIGINT NOT NULL REFERENCES invitations(id), role TEXT NOT NULL, station_id BIGINT NOT NULL REFERENCES stations(id),
    village_id BIGINT REFERENCES villages(id));
CREATE INDEX invitation_posts_of ON invitation_posts(invitation_id);

-- Notices about missing persons: their words and who of the family agreed (`consent`, read by `unseal` alone). Erased 30 days after they were sent.

CREATE TABLE missing_notices (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    words TEXT NOT NULL, state TEXT NOT NULL, opened_by BIGINT NOT NULL REFERENCES people(id), opened_at BIGINT NOT NULL, ended_at BIGINT,
    version BIGINT NOT NULL DEFAULT 1, consent TEXT NOT NULL DEFAULT '');
CREATE INDEX missing_notices_open ON missing_notices(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX missing_notices_opened_by ON missing_notices(opened_by);
