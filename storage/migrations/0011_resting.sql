-- Updates that failed and are tried again in a moment, by chat: few at any time, and what comes after them in the chat waits for them.

CREATE INDEX inbox_resting ON inbox(channel, chat_id, lane) WHERE state = 'waiting' AND not_before > 0;
