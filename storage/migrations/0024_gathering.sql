-- Urgent messages that wait for a chat. `gist`: what a list says about one (JSON; empty: it is in no list); `listed`: a list has said it;
-- `account`: whose cry it is; `behind`: an earlier cry of that account waited for the same chat.

ALTER TABLE outbox ADD COLUMN gist TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN listed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN account BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN behind BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_account ON outbox(channel, chat_id, account) WHERE state = 'waiting' AND gist <> '';
CREATE INDEX outbox_first ON outbox(priority, id) WHERE state = 'waiting' AND gist <> '' AND behind = 0;
