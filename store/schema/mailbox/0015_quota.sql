-- What the mailbox may keep in its folders of mail; 0: as much as there is room for. A folder counts its octets.
ALTER TABLE mailbox ADD COLUMN quota_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE mailbox ADD COLUMN quota_messages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE folder SET bytes = (SELECT COALESCE(SUM(i.size), 0) FROM item i
	WHERE i.mailbox_id = folder.mailbox_id AND i.folder_id = folder.folder_id);
