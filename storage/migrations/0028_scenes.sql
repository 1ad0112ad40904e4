-- Scenes: the state of an urgent case beside its place in the chain; it goes with its case and names nobody.

CREATE TABLE scenes (case_id BIGINT PRIMARY KEY REFERENCES cases(id), called_at BIGINT NOT NULL, turn BIGINT NOT NULL DEFAULT 0,
    accepted_at BIGINT, arrived_at BIGINT, over_at BIGINT, cancelled_at BIGINT, drill BIGINT NOT NULL DEFAULT 0);

-- Points of places, the only table with coordinates (millionths of a degree): the first, the last but one and the newest of a case. They show
-- where the reporter was. Those of an urgent case are deleted a day after its end.

CREATE TABLE case_points (id {id}, case_id BIGINT NOT NULL REFERENCES cases(id), latitude BIGINT NOT NULL, longitude BIGINT NOT NULL,
    name TEXT NOT NULL DEFAULT '', channel TEXT NOT NULL DEFAULT '', chat_id BIGINT NOT NULL DEFAULT 0, message_id BIGINT NOT NULL DEFAULT 0,
    added_by BIGINT REFERENCES people(id), added_at BIGINT NOT NULL, sent_at BIGINT);
CREATE INDEX case_points_case ON case_points(case_id, id);
CREATE INDEX case_points_person ON case_points(added_by) WHERE added_by IS NOT NULL;
CREATE INDEX case_points_message ON case_points(channel, chat_id, message_id);
ALTER TABLE cases ADD COLUMN placed_at BIGINT;
CREATE INDEX cases_placed ON cases(ended_at) WHERE placed_at IS NOT NULL AND severity = 'pressing';
CREATE INDEX outbox_media ON outbox(subject) WHERE media <> '';
CREATE INDEX cases_reporter_urgent ON cases(opened_by, id) WHERE severity = 'pressing' AND ended_at IS NULL;
