-- The messages of a chat by their number: what a reply answers, and the buttons that a person has before them.
CREATE INDEX outbox_in_chat ON outbox(channel, chat_id, message_id) WHERE message_id IS NOT NULL;
