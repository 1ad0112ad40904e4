-- An accused person who is erased and appointed again stays barred: a mark of name, number and chats, which names nobody. It goes with its case.

CREATE TABLE case_party_marks (case_id BIGINT NOT NULL REFERENCES cases(id), mark TEXT NOT NULL, side TEXT NOT NULL, added_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, mark));
CREATE INDEX case_party_marks_mark ON case_party_marks(mark);

-- Further posts that one code gives, beside the one that the invitation names.

CREATE TABLE invitation_posts (invitation_id BIGINT NOT NULL REFERENCES invitations(id), role TEXT NOT NULL, station_id BIGINT NOT NULL REFERENCES stations(id),
    village_id BIGINT REFERENCES villages(id));
CREATE INDEX invitation_posts_of ON invitation_posts(invitation_id);
