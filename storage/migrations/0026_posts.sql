-- Whatever somebody holds or has on their screen is found when their posts change.

CREATE INDEX cases_holder ON cases(holder_id, ended_at) WHERE holder_id IS NOT NULL;
CREATE INDEX cards_person ON cards(person_id) WHERE person_id IS NOT NULL;
CREATE INDEX trainings_organiser ON trainings(organiser_id, state);

-- The posts of one hand-over are decided with one word: all but the first name it.

ALTER TABLE appointments ADD COLUMN with_id BIGINT;
CREATE INDEX appointments_with ON appointments(with_id) WHERE with_id IS NOT NULL;

-- Since when somebody uses an address: NULL for one that only a roster names. Whoever wrote lately, or has a card or a menu in the chat, uses it.

ALTER TABLE addresses ADD COLUMN used_at BIGINT;
UPDATE addresses SET used_at = COALESCE(seen_at, 0) WHERE EXISTS (SELECT 1 FROM inbox i WHERE i.user_id = addresses.user_id AND i.channel = addresses.channel)
    OR EXISTS (SELECT 1 FROM menus m WHERE m.channel = addresses.channel AND m.user_id = addresses.user_id)
    OR EXISTS (SELECT 1 FROM cards c WHERE c.channel = addresses.channel AND c.chat_id = addresses.user_id);
