-- When an item came into its folder: delivered, added, copied or moved. Of those that are older it is not known any more.
ALTER TABLE item ADD COLUMN saved_ms INTEGER NOT NULL DEFAULT 0;
UPDATE item SET saved_ms = received_ms;
