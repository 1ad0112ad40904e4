-- Words of hidden and sealed reports hold a mark in the place of the reporter's own name and number (domain/cases/words/own_words.py). Those stored
-- before are marked here as they are usually written; names of one character are left, because they would match too much.

UPDATE cases SET text = REPLACE(text, (SELECT p.name FROM people p WHERE p.id = cases.reporter_id), '〔本人〕'),
    place = REPLACE(place, (SELECT p.name FROM people p WHERE p.id = cases.reporter_id), '〔本人〕'),
    details = REPLACE(details, (SELECT p.name FROM people p WHERE p.id = cases.reporter_id), '〔本人〕')
    WHERE level <> 'named' AND EXISTS (SELECT 1 FROM people p WHERE p.id = cases.reporter_id AND LENGTH(p.name) > 1);
UPDATE cases SET text = REPLACE(text, (SELECT SUBSTR(p.phone, 4) FROM people p WHERE p.id = cases.reporter_id), '〔本人电话〕'),
    place = REPLACE(place, (SELECT SUBSTR(p.phone, 4) FROM people p WHERE p.id = cases.reporter_id), '〔本人电话〕'),
    details = REPLACE(details, (SELECT SUBSTR(p.phone, 4) FROM people p WHERE p.id = cases.reporter_id), '〔本人电话〕')
    WHERE level <> 'named' AND EXISTS (SELECT 1 FROM people p WHERE p.id = cases.reporter_id AND p.phone LIKE '+86_______%');
UPDATE audit SET words = REPLACE(words, (SELECT p.name FROM cases c JOIN people p ON p.id = c.reporter_id WHERE audit.subject = 'case:' || c.id), '〔本人〕')
    WHERE words <> '' AND subject IN (SELECT 'case:' || c.id FROM cases c JOIN people p ON p.id = c.reporter_id WHERE c.level <> 'named' AND LENGTH(p.name) > 1);
