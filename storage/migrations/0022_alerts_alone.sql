-- Why a red alert was sent without the second person that it needed; empty: it needed none, or a second person agreed.

ALTER TABLE alerts ADD COLUMN alone_because TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_author ON alerts(author_id, sent_at);
