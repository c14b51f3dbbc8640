-- The directory is mailbox 0 and has a change number too: caches of accounts compare it.
CREATE TABLE mailbox (
	mailbox_id INTEGER NOT NULL PRIMARY KEY,
	head_change INTEGER NOT NULL
);
INSERT INTO mailbox (mailbox_id, head_change) VALUES (0, 0);

-- account_id is the mailbox id too and never given again. password: a crypt(5) string, empty where nobody may log in.
CREATE TABLE account (
	account_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	display_name TEXT NOT NULL,
	password TEXT NOT NULL,
	password_version INTEGER NOT NULL,
	enabled INTEGER NOT NULL,
	created_ms INTEGER NOT NULL
);

-- folded: the address in lower case (ASCII), the key without case; address: as it was written.
CREATE TABLE address (
	folded TEXT NOT NULL PRIMARY KEY,
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	address TEXT NOT NULL,
	domain TEXT NOT NULL,
	is_primary INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX address_primary ON address (account_id) WHERE is_primary = 1;
CREATE INDEX address_account ON address (account_id);
CREATE INDEX address_domain ON address (domain);

-- A partnership of an account and a device. partnership_id is the author number and the epoch of the device's sync
-- state; it is never given again, so a device that is removed and comes back is somebody else. policy_pending: the
-- temporary key was offered and is not acknowledged yet.
CREATE TABLE device (
	partnership_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	device_id TEXT NOT NULL,
	device_type TEXT NOT NULL,
	user_agent TEXT NOT NULL,
	model TEXT NOT NULL,
	os TEXT NOT NULL,
	os_language TEXT NOT NULL,
	friendly_name TEXT NOT NULL,
	imei TEXT NOT NULL,
	phone_number TEXT NOT NULL,
	mobile_operator TEXT NOT NULL,
	protocol_version INTEGER NOT NULL,
	policy_key INTEGER NOT NULL,
	policy_key_temporary INTEGER NOT NULL,
	policy_pending INTEGER NOT NULL,
	policy_acknowledged_ms INTEGER NOT NULL,
	first_seen_ms INTEGER NOT NULL,
	last_seen_ms INTEGER NOT NULL,
	UNIQUE (account_id, device_id)
);
