-- Octets of what lies beside items (item_part), which a quota counts with the folders of mail.
ALTER TABLE mailbox ADD COLUMN part_bytes INTEGER NOT NULL DEFAULT 0;
UPDATE mailbox SET part_bytes = (SELECT COALESCE(SUM(b.size), 0) FROM item_part p
	JOIN blob b ON b.mailbox_id = p.mailbox_id AND b.blob_id = p.blob_id WHERE p.mailbox_id = mailbox.mailbox_id);
