-- The keyboard that stays under a private chat, as it was sent last: its labels, one a line.
ALTER TABLE addresses ADD COLUMN keyboard TEXT NOT NULL DEFAULT '';
