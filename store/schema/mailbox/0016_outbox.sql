-- Messages that a change of this mailbox sends, written in the change's own transaction and kept until the directory's
-- queue has them under their name. recipients: addresses, a line each. author_id: the account that sends.
CREATE TABLE outbox (
	mailbox_id INTEGER NOT NULL,
	outbox_id INTEGER NOT NULL,
	name BLOB NOT NULL,
	author_id INTEGER NOT NULL,
	recipients TEXT NOT NULL,
	blob_id INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, outbox_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX outbox_name ON outbox (mailbox_id, name);
