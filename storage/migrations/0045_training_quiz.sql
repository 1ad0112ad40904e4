-- Trainings: the quiz of three questions, and the training whose absent people this one is for. A person's answers to the quiz go with their
-- attendance (storage/training).

ALTER TABLE trainings ADD COLUMN quiz TEXT NOT NULL DEFAULT '';
ALTER TABLE trainings ADD COLUMN makeup_of BIGINT REFERENCES trainings(id);
ALTER TABLE training_people ADD COLUMN quiz_answers TEXT NOT NULL DEFAULT '';
CREATE INDEX training_people_village ON training_people(village_id, training_id);
