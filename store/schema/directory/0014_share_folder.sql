-- Shares name the folder, and what the guest may do. folder_id 0: the owner's calendar as it was shared before, for availability
-- alone; calendar 1: it is the one that every mailbox has; edits 1: the guest may change what is in it.
CREATE TABLE share_of_folder (
	owner_id INTEGER NOT NULL,
	guest_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	calendar INTEGER NOT NULL,
	edits INTEGER NOT NULL,
	meetings INTEGER NOT NULL,
	PRIMARY KEY (owner_id, guest_id, folder_id)
) WITHOUT ROWID;
INSERT INTO share_of_folder SELECT owner_id, guest_id, 0, 1, 0, meetings FROM share;
DROP TABLE share;
ALTER TABLE share_of_folder RENAME TO share;
CREATE INDEX share_by_guest ON share (guest_id);
