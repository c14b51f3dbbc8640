-- What this mailbox did for an entry of the directory's queue, kept until the directory has forgotten the entry: that the
-- mail is still there is not the test of whether it was put there. name: a directory that was restored from an older day
-- gives numbers of entries again, to other names. step: enum queue_step.
CREATE TABLE queue_step (
	mailbox_id INTEGER NOT NULL,
	entry_id INTEGER NOT NULL,
	name BLOB NOT NULL,
	step INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, entry_id, name, step)
) WITHOUT ROWID;
