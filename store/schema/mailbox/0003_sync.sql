-- One device's sync of one folder (0: the hierarchy). version: raised by each write, for requests that cross.
CREATE TABLE sync_line (
	mailbox_id INTEGER NOT NULL,
	device_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	version INTEGER NOT NULL,
	seen_ms INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, device_id, folder_id)
) WITHOUT ROWID;
CREATE INDEX sync_line_folder ON sync_line (mailbox_id, folder_id);

-- slot: enum sync_slot. The columns from w to phase are struct feed_state.
CREATE TABLE sync_generation (
	mailbox_id INTEGER NOT NULL,
	device_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	slot INTEGER NOT NULL,
	sync_key TEXT NOT NULL,
	w INTEGER NOT NULL,
	round_end INTEGER NOT NULL,
	cursor_change INTEGER NOT NULL,
	cursor_id INTEGER NOT NULL,
	low_key INTEGER NOT NULL,
	low_id INTEGER NOT NULL,
	goal INTEGER NOT NULL,
	filter INTEGER NOT NULL,
	phase INTEGER NOT NULL,
	options BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, device_id, folder_id, slot)
) WITHOUT ROWID;

-- orphan 0: results of the uncommitted generation; 1: Adds whose answer was lost and which were not repeated.
CREATE TABLE sync_result (
	mailbox_id INTEGER NOT NULL,
	device_id INTEGER NOT NULL,
	folder_id INTEGER NOT NULL,
	orphan INTEGER NOT NULL,
	position INTEGER NOT NULL,
	kind INTEGER NOT NULL,
	name TEXT NOT NULL,
	hash BLOB NOT NULL,
	status INTEGER NOT NULL,
	result_folder INTEGER NOT NULL,
	result_item INTEGER NOT NULL,
	created_change INTEGER NOT NULL,
	PRIMARY KEY (mailbox_id, device_id, folder_id, orphan, position)
) WITHOUT ROWID;

-- which: enum sync_cache.
CREATE TABLE sync_cache (
	mailbox_id INTEGER NOT NULL,
	device_id INTEGER NOT NULL,
	which INTEGER NOT NULL,
	data BLOB NOT NULL,
	PRIMARY KEY (mailbox_id, device_id, which)
);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
	('sync_line', 'sync_line', '400 400 40 1'),
	('sync_line', 'sync_line_folder', '400 400 10 1'),
	('sync_generation', 'sync_generation', '800 800 80 2 1'),
	('sync_result', 'sync_result', '2000 2000 200 50 50 1');
