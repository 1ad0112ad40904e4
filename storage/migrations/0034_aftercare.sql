-- Lines of hand-over sheets: the health of somebody who was hurt. Read by those who handle the case; the words are emptied
-- 30 days after its end, the times stay for the figures of a month.

CREATE TABLE sheet_lines (case_id BIGINT NOT NULL REFERENCES cases(id), field TEXT NOT NULL, words TEXT NOT NULL,
    written_by BIGINT REFERENCES people(id), written_at BIGINT NOT NULL, noted_at BIGINT, PRIMARY KEY (case_id, field));
CREATE INDEX sheet_lines_kept ON sheet_lines(written_at) WHERE words <> '';

-- Tasks after an urgent case: its debrief and its call-backs. They name the handler who is asked and who answered. The answers to call-backs are
-- emptied 30 days after the end of the case; the rest stays with the case.

CREATE TABLE follow_ups (case_id BIGINT NOT NULL REFERENCES cases(id), task TEXT NOT NULL, due_at BIGINT NOT NULL,
    handled_by BIGINT REFERENCES people(id), turn BIGINT NOT NULL DEFAULT 0, ended_at BIGINT, ended_by BIGINT REFERENCES people(id),
    first TEXT NOT NULL DEFAULT '', second TEXT NOT NULL DEFAULT '', third TEXT NOT NULL DEFAULT '', PRIMARY KEY (case_id, task));
CREATE INDEX follow_ups_open ON follow_ups(case_id, task) WHERE ended_at IS NULL;
CREATE INDEX follow_ups_kept ON follow_ups(ended_at) WHERE task <> 'debrief' AND first <> '';
CREATE INDEX cases_urgent_opened ON cases(opened_at) WHERE severity = 'pressing';
