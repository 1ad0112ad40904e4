-- When a leave was taken: the deputy has the posts that were held then, and none that were given later.

ALTER TABLE leaves ADD COLUMN taken_at BIGINT;
