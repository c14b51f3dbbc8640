-- Numbers that are given once lie in the mailbox's row, which every change writes anyway: a page less in every commit.
ALTER TABLE mailbox ADD COLUMN last_folder INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mailbox ADD COLUMN last_item INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mailbox ADD COLUMN last_uid_validity INTEGER NOT NULL DEFAULT 0;
UPDATE mailbox SET last_folder = c.last_folder, last_item = c.last_item, last_uid_validity = c.last_uid_validity
	FROM counter c WHERE c.mailbox_id = mailbox.mailbox_id;
DROP TABLE counter;
