-- Policies by name; of each the settings that differ from their defaults (store/policy_settings.h).
CREATE TABLE policy (
	policy_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	changed_ms INTEGER NOT NULL
);
CREATE TABLE policy_value (
	policy_id INTEGER NOT NULL REFERENCES policy (policy_id),
	setting TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (policy_id, setting)
) WITHOUT ROWID;

CREATE TABLE account_group (
	group_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE
);
CREATE TABLE account_group_member (
	group_id INTEGER NOT NULL REFERENCES account_group (group_id),
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	PRIMARY KEY (group_id, account_id)
) WITHOUT ROWID;
CREATE INDEX account_group_member_account ON account_group_member (account_id);

-- scope: enum policy_scope; target: the account, the group, or 0 for everyone. policy_id 0: none, said so.
CREATE TABLE policy_assignment (
	scope INTEGER NOT NULL,
	target INTEGER NOT NULL,
	policy_id INTEGER NOT NULL,
	PRIMARY KEY (scope, target)
) WITHOUT ROWID;

-- Who may sync (store/access.h). level: enum access_level; characteristic: enum access_characteristic.
CREATE TABLE access_rule (
	rule_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	level INTEGER NOT NULL,
	characteristic INTEGER NOT NULL,
	pattern INTEGER NOT NULL,
	query TEXT NOT NULL,
	UNIQUE (characteristic, pattern, query)
);
-- A device id that an account always or never may use, whether there is a partnership or not.
CREATE TABLE access_exemption (
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	device_id TEXT NOT NULL,
	level INTEGER NOT NULL,
	PRIMARY KEY (account_id, device_id)
) WITHOUT ROWID;
-- Accounts that may not use ActiveSync at all.
CREATE TABLE access_off (
	account_id INTEGER NOT NULL PRIMARY KEY REFERENCES account (account_id)
);
CREATE TABLE access_setting (
	name TEXT NOT NULL PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;

-- policy_document: hash of what was acknowledged (policy_document()), policy_protocol the version it was written for;
-- policy_offered_*: the same of the temporary key's. policy_status: what the device said of it (MS-ASPROV 2.2.2.54.1).
ALTER TABLE device ADD COLUMN policy_document INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN policy_protocol INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN policy_name TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN policy_status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN policy_offered_document INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN policy_offered_protocol INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN policy_offered_name TEXT NOT NULL DEFAULT '';
-- The last decision, so that a new one is told of once. access: enum access_level.
ALTER TABLE device ADD COLUMN access INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN access_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN access_ms INTEGER NOT NULL DEFAULT 0;
-- wipe: enum device_wipe; wipe_status: what the device said (MS-ASPROV 2.2.2.54.3).
ALTER TABLE device ADD COLUMN wipe INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wipe_allows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wipe_status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wipe_requested_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wipe_sent_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN wipe_done_ms INTEGER NOT NULL DEFAULT 0;
-- What it did last: a command that synced, any command, one that failed.
ALTER TABLE device ADD COLUMN last_sync_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN last_command TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN last_command_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN error_command TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN error_status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN error_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_stale ON device (last_seen_ms);
