-- Meetings that the owner has declined as a whole: their events have gone, and a request that is answered again still names
-- them. name: a hash of the UID, and of the instance where that alone was sent. sequence, stamp_ms: of the revision that was declined.
CREATE TABLE declined (
	mailbox_id INTEGER NOT NULL,
	name BLOB NOT NULL,
	sequence INTEGER NOT NULL,
	stamp_ms INTEGER NOT NULL,
	answered_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, name)
) WITHOUT ROWID;
