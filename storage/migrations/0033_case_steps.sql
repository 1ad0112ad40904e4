-- When a case last started to wait on a level: a corrected deadline counts from there.

ALTER TABLE cases ADD COLUMN step_at BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET step_at = COALESCE((SELECT MAX(a.at) FROM audit a WHERE a.subject = 'case:' || cases.id AND a.action IN
    ('open', 'escalate', 'lapse', 'stall', 'recuse', 'reopen', 'unsolved', 'reassign', 'exclude', 'concerns', 'clear')), opened_at);
