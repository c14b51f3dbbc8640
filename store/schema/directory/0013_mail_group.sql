-- Groups of the address book: mail to the address goes to each member. senders: enum group_senders.
CREATE TABLE mail_group (
	group_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	folded TEXT NOT NULL UNIQUE,
	address TEXT NOT NULL,
	display_name TEXT NOT NULL,
	senders INTEGER NOT NULL
);
-- kind: enum group_member_kind. target: the account or the group, 0 for who is elsewhere; he alone has an address here.
CREATE TABLE mail_group_member (
	group_id INTEGER NOT NULL REFERENCES mail_group (group_id),
	kind INTEGER NOT NULL,
	target INTEGER NOT NULL,
	folded TEXT NOT NULL,
	address TEXT NOT NULL,
	PRIMARY KEY (group_id, kind, target, folded)
) WITHOUT ROWID;
CREATE INDEX mail_group_member_target ON mail_group_member (kind, target);

-- enum account_kind: a person, a room, a piece of equipment.
ALTER TABLE account ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
