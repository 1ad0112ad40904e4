-- Elder mode: four big buttons, short sentences, a voice report. Goes with its person.

ALTER TABLE people ADD COLUMN elder BIGINT NOT NULL DEFAULT 0;
