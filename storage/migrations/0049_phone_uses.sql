-- What a person gave their telephone number for: 'reports' (who sees their name on a report may call), 'post' (residents may call them in office).
-- `asked_at`: when they were asked, which happens once; `given_at`: when they agreed, NULL if they did not or took it back.
-- `keyboard`: the keyboard that asked for the number is still in their chat. A row goes with its person.

CREATE TABLE phone_uses (person_id BIGINT NOT NULL REFERENCES people(id), used_for TEXT NOT NULL, asked_at BIGINT NOT NULL, given_at BIGINT,
    keyboard BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (person_id, used_for));
-- Who gave a number with /me was told then that those who see their name on a report see it.
INSERT INTO phone_uses (person_id, used_for, asked_at, given_at)
    SELECT p.id, 'reports', MIN(a.at), MIN(a.at) FROM people p JOIN audit a ON a.actor_id = p.id AND a.action = 'phone_given'
    WHERE p.phone <> '' GROUP BY p.id;
