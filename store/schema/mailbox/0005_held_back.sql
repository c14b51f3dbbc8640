-- Items that a device cannot take: it asked for the answer that held them again and again. level: enum held_back_level.
CREATE TABLE held_back (
	mailbox_id INTEGER NOT NULL,
	device_id INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	level INTEGER NOT NULL,
	since_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, device_id, item_id)
) WITHOUT ROWID;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('held_back', 'held_back', '10 10 5 1');
