-- Claims to found things. `answer_one` and `answer_two` are emptied once a keeper has read them.

CREATE TABLE found_claims (id BIGINT PRIMARY KEY, village_id BIGINT NOT NULL REFERENCES villages(id), station_id BIGINT NOT NULL REFERENCES stations(id),
    kind TEXT NOT NULL, item_id BIGINT NOT NULL REFERENCES found_items(id), loss_id BIGINT NOT NULL REFERENCES lost_items(id),
    finder_id BIGINT NOT NULL REFERENCES people(id), claimant_id BIGINT NOT NULL REFERENCES people(id), state TEXT NOT NULL, opened_at BIGINT NOT NULL,
    ended_at BIGINT, code TEXT NOT NULL DEFAULT '', version BIGINT NOT NULL DEFAULT 1, answer_one TEXT NOT NULL DEFAULT '',
    answer_two TEXT NOT NULL DEFAULT '');
CREATE INDEX found_claims_open ON found_claims(station_id, village_id) WHERE ended_at IS NULL;
CREATE INDEX found_claims_item ON found_claims(item_id);
CREATE INDEX found_claims_loss ON found_claims(loss_id);
CREATE INDEX found_claims_claimant ON found_claims(claimant_id);
CREATE INDEX found_claims_finder ON found_claims(finder_id);
CREATE TABLE found_tries (item_id BIGINT NOT NULL REFERENCES found_items(id), person_id BIGINT NOT NULL REFERENCES people(id), at BIGINT NOT NULL);
CREATE INDEX found_tries_item ON found_tries(item_id, at);
CREATE INDEX found_tries_person ON found_tries(person_id);
CREATE INDEX lost_items_open ON lost_items(station_id, village_id) WHERE ended_at IS NULL;
