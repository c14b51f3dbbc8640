-- Which conversation a mail is in (16 octets) and where in its tree (MS-ASCON 2.2.2.4); empty: not told yet.
ALTER TABLE item ADD COLUMN conversation BLOB NOT NULL DEFAULT x'';
ALTER TABLE item ADD COLUMN conversation_index BLOB NOT NULL DEFAULT x'';
CREATE INDEX item_conversation ON item (mailbox_id, conversation, item_id);

-- A mail that was seen, by a hash of its Message-ID: what answers it belongs to its conversation, if the topic (a hash too)
-- is the same. Rows stay when the mail goes, since its answers may come later.
CREATE TABLE thread (
	mailbox_id INTEGER NOT NULL,
	message_hash INTEGER NOT NULL,
	topic_hash INTEGER NOT NULL,
	conversation BLOB NOT NULL,
	conversation_index BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, message_hash)
) WITHOUT ROWID;

-- What is to become of mails that come later: they go to that folder.
CREATE TABLE conversation (
	mailbox_id INTEGER NOT NULL,
	conversation BLOB NOT NULL,
	always_folder INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, conversation)
) WITHOUT ROWID;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('item', 'item_conversation', '100000 100000 3 1'),
	('thread', 'thread', '100000 100000 1'),
	('conversation', 'conversation', '100 100 1');
