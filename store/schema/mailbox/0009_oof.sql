-- Who is away, and what those who write to him are told. state: enum oof_state; audience: enum oof_audience. period goes up
-- with every setting: oof_told has whom this period's answer has gone to.
CREATE TABLE oof (
	mailbox_id INTEGER NOT NULL PRIMARY KEY,
	state INTEGER NOT NULL,
	start_ms INTEGER NOT NULL,
	end_ms INTEGER NOT NULL,
	period INTEGER NOT NULL
);
CREATE TABLE oof_message (
	mailbox_id INTEGER NOT NULL,
	audience INTEGER NOT NULL,
	enabled INTEGER NOT NULL,
	html INTEGER NOT NULL,
	reply TEXT NOT NULL,
	PRIMARY KEY (mailbox_id, audience)
) WITHOUT ROWID;
CREATE TABLE oof_told (
	mailbox_id INTEGER NOT NULL,
	sender TEXT NOT NULL,
	PRIMARY KEY (mailbox_id, sender)
) WITHOUT ROWID;
