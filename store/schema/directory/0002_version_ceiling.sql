-- The highest protocol version (161: 16.1) that a device of an account is offered; device_id '': every device of it. By
-- the device's own name, so that it outlives a partnership that ends and begins anew.
CREATE TABLE version_ceiling (
	account_id INTEGER NOT NULL REFERENCES account (account_id),
	device_id TEXT NOT NULL,
	max_version INTEGER NOT NULL,
	PRIMARY KEY (account_id, device_id)
) WITHOUT ROWID;
