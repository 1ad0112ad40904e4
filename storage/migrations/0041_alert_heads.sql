-- Alerts: the kind of danger, the source of a warning that is passed on, a picture and a pin of the shelter. Villagers who need help because of an
-- alert: who asked, who took care; and the list of a village, which names nobody. A row goes with its person's erasure, and 30 days after the alert's last hour (handlers/alerts/helping.py).

ALTER TABLE alerts ADD COLUMN hazard TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN photo TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN pin TEXT NOT NULL DEFAULT '';
CREATE TABLE alert_helps (alert_id BIGINT NOT NULL REFERENCES alerts(id), person_id BIGINT NOT NULL REFERENCES people(id),
    village_id BIGINT NOT NULL REFERENCES villages(id), asked_at BIGINT NOT NULL, helped_at BIGINT, helped_by BIGINT REFERENCES people(id),
    PRIMARY KEY (alert_id, person_id));
CREATE TABLE alert_help_lists (id BIGINT PRIMARY KEY, alert_id BIGINT NOT NULL REFERENCES alerts(id),
    village_id BIGINT NOT NULL REFERENCES villages(id), UNIQUE (alert_id, village_id));
CREATE INDEX alert_help_lists_village ON alert_help_lists(village_id, alert_id);
