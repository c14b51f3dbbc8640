-- When each mark of an item changed last, so that a phone is told of those that did and of no other.
ALTER TABLE item ADD COLUMN read_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN flag_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN keywords_change INTEGER NOT NULL DEFAULT 0;
ALTER TABLE item ADD COLUMN verb_change INTEGER NOT NULL DEFAULT 0;
UPDATE item SET read_change = modified_change, flag_change = modified_change, keywords_change = modified_change,
	verb_change = modified_change;

-- Up to where the device was told all changes of items that are there: w, but for a round that others wrote past.
ALTER TABLE sync_generation ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
UPDATE sync_generation SET since = w;
