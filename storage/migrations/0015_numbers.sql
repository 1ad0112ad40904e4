-- Alerts, trainings and broadcasts are numbered by counters, as cases are: a restore passes over the numbers that people may hold.
-- Tries are deleted by their age at every sweep.

INSERT INTO counters (name, value) SELECT 'alert', n FROM (SELECT MAX(id) AS n FROM alerts) AS given WHERE n IS NOT NULL;
INSERT INTO counters (name, value) SELECT 'training', n FROM (SELECT MAX(id) AS n FROM trainings) AS given WHERE n IS NOT NULL;
INSERT INTO counters (name, value) SELECT 'broadcast', n FROM (SELECT MAX(id) AS n FROM broadcasts) AS given WHERE n IS NOT NULL;
CREATE INDEX attempts_at ON attempts(at);

-- Two text keys got the name of the feature that says them. Messages that wait are rendered when they leave, so they carry the new keys.

UPDATE outbox SET key = 'fallback.sealed.to_admin' WHERE state = 'waiting' AND key = 'escalation.sealed.to_admin';
UPDATE outbox SET params = REPLACE(REPLACE(params, '"escalation.sealed.to_admin"', '"fallback.sealed.to_admin"'),
    '"alert.villages.many"', '"village.names.many"') WHERE state = 'waiting';
