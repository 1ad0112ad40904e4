-- When the village's group was told of a found thing.

ALTER TABLE found_items ADD COLUMN published_at BIGINT;
