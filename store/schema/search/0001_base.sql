-- A mailbox's search index: derived from the mailbox, thrown away and made anew where it is damaged or of another
-- version. It holds one mailbox and lies beside it. version: of what is put in (SEARCH_VERSION), 0 before the first.
CREATE TABLE state (
	id INTEGER NOT NULL PRIMARY KEY,
	version INTEGER NOT NULL
);
INSERT INTO state (id, version) VALUES (1, 0);

-- How far a folder of the mailbox was read: its items in the order of (modified_change, item_id), and its expunged rows.
CREATE TABLE progress (
	folder_id INTEGER NOT NULL PRIMARY KEY,
	modified_change INTEGER NOT NULL,
	item_id INTEGER NOT NULL,
	expunged_change INTEGER NOT NULL
);

-- What was put in for an item: its texts, folded, which the index needs again to take them out. content_change: of the
-- item when they were read.
CREATE TABLE doc (
	item_id INTEGER NOT NULL PRIMARY KEY,
	content_change INTEGER NOT NULL,
	subject TEXT NOT NULL,
	sender TEXT NOT NULL,
	recipient TEXT NOT NULL,
	cc TEXT NOT NULL,
	bcc TEXT NOT NULL,
	body TEXT NOT NULL,
	names TEXT NOT NULL
);

-- Any three characters and more that follow each other.
CREATE VIRTUAL TABLE text USING fts5 (subject, sender, recipient, cc, bcc, body, names,
	content = 'doc', content_rowid = 'item_id', columnsize = 0, tokenize = 'trigram case_sensitive 1');

-- One or two characters: the different ones of each text as words of their own (search_short.c).
CREATE VIRTUAL TABLE short USING fts5 (subject, sender, recipient, cc, bcc, body, names,
	content = '', columnsize = 0, detail = column, tokenize = 'ascii');
