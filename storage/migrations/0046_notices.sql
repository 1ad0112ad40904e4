-- Plain notices beside tips: a picture that goes with the words.

ALTER TABLE broadcasts ADD COLUMN photo TEXT NOT NULL DEFAULT '';
