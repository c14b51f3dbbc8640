-- Octets of messages that wait to be sent, as in a mailbox's own database (mailbox 0 is the directory).
ALTER TABLE mailbox ADD COLUMN last_blob INTEGER NOT NULL DEFAULT 0;
CREATE TABLE blob (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	size INTEGER NOT NULL,
	sha256 BLOB NOT NULL,
	refs INTEGER NOT NULL,
	file TEXT,
	PRIMARY KEY (mailbox_id, blob_id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX blob_file ON blob (mailbox_id, file) WHERE file IS NOT NULL;
CREATE INDEX blob_sha256 ON blob (mailbox_id, sha256);
CREATE TABLE blob_body (
	mailbox_id INTEGER NOT NULL,
	blob_id INTEGER NOT NULL,
	octets BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, blob_id)
);

-- One message on its way out. name: what its request derives, so that a repeat finds it. account_id 0: the server's own.
-- sender: the return path, '' for a message that is never answered. own_header: header fields that only the copy in
-- Sent Items has (Bcc). settled: the sender's mailbox has its part. finished_ms: 0 while a recipient is open; after it
-- the body is gone and the row is kept until forget_ms, for repeats.
CREATE TABLE queue_entry (
	entry_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name BLOB NOT NULL UNIQUE,
	account_id INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	sender TEXT NOT NULL,
	blob_id INTEGER NOT NULL,
	size INTEGER NOT NULL,
	own_header BLOB NOT NULL,
	origin TEXT NOT NULL,
	flags INTEGER NOT NULL,
	envid TEXT NOT NULL,
	ret INTEGER NOT NULL,
	source_item INTEGER NOT NULL,
	verb INTEGER NOT NULL,
	draft_item INTEGER NOT NULL,
	settled INTEGER NOT NULL,
	created_ms INTEGER NOT NULL,
	expires_ms INTEGER NOT NULL,
	attempts INTEGER NOT NULL,
	next_ms INTEGER NOT NULL,
	delay_told INTEGER NOT NULL,
	finished_ms INTEGER NOT NULL,
	forget_ms INTEGER NOT NULL
);
CREATE INDEX queue_due ON queue_entry (next_ms, entry_id) WHERE finished_ms = 0;
CREATE INDEX queue_forget ON queue_entry (forget_ms) WHERE finished_ms > 0;

-- state: enum queue_state. status and reply: what was heard last ("4.7.1", and the text).
CREATE TABLE queue_recipient (
	entry_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	address TEXT NOT NULL,
	orcpt TEXT NOT NULL,
	notify INTEGER NOT NULL,
	state INTEGER NOT NULL,
	status TEXT NOT NULL,
	reply TEXT NOT NULL,
	PRIMARY KEY (entry_id, position)
) WITHOUT ROWID;
