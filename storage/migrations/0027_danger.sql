-- The kind of danger of an urgent case ("" when unknown), and whether it comes from the family.

ALTER TABLE cases ADD COLUMN danger TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN at_home BIGINT NOT NULL DEFAULT 0;
