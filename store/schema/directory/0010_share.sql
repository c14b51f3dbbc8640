-- Whose calendar is shared with whom (both accounts); meetings 1: meeting requests to the owner are told to the guest.
CREATE TABLE share (
	owner_id INTEGER NOT NULL,
	guest_id INTEGER NOT NULL,
	meetings INTEGER NOT NULL,
	PRIMARY KEY (owner_id, guest_id)
) WITHOUT ROWID;
CREATE INDEX share_by_guest ON share (guest_id);
