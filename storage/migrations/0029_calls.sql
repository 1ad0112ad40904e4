-- Accounts to which money was sent in a fraud, as a reporter gave them; deleted after 90 days. Read by the police of the case, with an audit event.

CREATE TABLE case_transfers (case_id BIGINT PRIMARY KEY REFERENCES cases(id), account TEXT NOT NULL, last TEXT NOT NULL, added_at BIGINT NOT NULL);
CREATE INDEX case_transfers_added ON case_transfers(added_at);

-- Chats of people who called for help because of violence at home: their phone stays silent. A row names the chat, and goes 30 days after the case.

CREATE TABLE discreet_chats (channel TEXT NOT NULL, user_id BIGINT NOT NULL, case_id BIGINT REFERENCES cases(id), said TEXT NOT NULL DEFAULT '[]',
    since_at BIGINT NOT NULL, PRIMARY KEY (channel, user_id));
