-- Who may see a case: the level of its reporter's name, cases for the police only, cases for named handlers only; excluded names. Tips are asked for: only people who
-- said so themselves want them.

ALTER TABLE cases ADD COLUMN level TEXT NOT NULL DEFAULT 'named';
ALTER TABLE cases ADD COLUMN police_only BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN restricted BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN seal_open BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN media_shown BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET level = 'hidden' WHERE name_hidden = 1;
UPDATE cases SET police_only = 1 WHERE EXISTS (SELECT 1 FROM case_parties x JOIN posts ON posts.person_id = x.person_id
    WHERE x.case_id = cases.id AND x.added_by = cases.opened_by AND x.added_by <> x.person_id AND posts.village_id = cases.village_id AND posts.role = 'chair');
ALTER TABLE cases DROP COLUMN name_hidden;
CREATE TABLE case_handlers (case_id BIGINT NOT NULL REFERENCES cases(id), person_id BIGINT NOT NULL REFERENCES people(id), added_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, person_id));
CREATE INDEX case_handlers_person ON case_handlers(person_id);
CREATE TABLE case_excluded_names (case_id BIGINT NOT NULL REFERENCES cases(id), name TEXT NOT NULL, added_at BIGINT NOT NULL, PRIMARY KEY (case_id, name));
CREATE INDEX people_name ON people(name);
ALTER TABLE people ADD COLUMN tips_asked_at BIGINT;
UPDATE people SET wants_tips = 0 WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.subject = 'person:' || people.id AND audit.action = 'tip.wish');
