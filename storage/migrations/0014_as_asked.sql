-- Indexes as they are asked. Nothing asked for messages by subject, or for cases by state without a place; a card's name leads to its messages, whoever
-- reads them; what belongs to a broadcast is kept, and must not be read at every sweep; what was set aside is counted at every look at the health page;
-- whether somebody has written lately is asked for everybody with a post, three times a minute.

DROP INDEX cases_state;
DROP INDEX outbox_subject;
DROP INDEX outbox_card_name;
DROP INDEX outbox_card;
CREATE INDEX outbox_card ON outbox(card, channel, chat_id) WHERE card <> '' AND state = 'waiting';
DROP INDEX outbox_done;
CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL AND batch = '';
CREATE INDEX inbox_user ON inbox(user_id);
CREATE INDEX inbox_aside ON inbox(state) WHERE state IN ('parked', 'quarantined');
ALTER TABLE outbox DROP COLUMN lease_until;
