-- One living card per subject and chat. `leaves`: what stays of a message when a newer one becomes its card ("line", "text", "nothing", "all");
-- `picture`: the file that the card's message shows, empty for a message of words. A draft's `card` is the card in which its questions are asked.

ALTER TABLE outbox ADD COLUMN leaves TEXT NOT NULL DEFAULT 'text';
ALTER TABLE cards ADD COLUMN leaves TEXT NOT NULL DEFAULT 'text';
ALTER TABLE cards ADD COLUMN picture TEXT NOT NULL DEFAULT '';
ALTER TABLE drafts ADD COLUMN card TEXT NOT NULL DEFAULT '';
CREATE INDEX drafts_card ON drafts(card) WHERE card <> '';

-- The first photo of a case (the channel's file), which its card shows to those who may see photos. It goes with its case.

ALTER TABLE cases ADD COLUMN picture TEXT NOT NULL DEFAULT '';
