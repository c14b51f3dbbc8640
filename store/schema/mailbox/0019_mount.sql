-- A folder of somebody else's that is shown among these (store/folder.h): in which mailbox it lies, and which it is there. 0: an
-- own one.
ALTER TABLE folder ADD COLUMN mount_mailbox INTEGER NOT NULL DEFAULT 0;
ALTER TABLE folder ADD COLUMN mount_folder INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX folder_mount ON folder (mailbox_id, mount_mailbox, mount_folder)
	WHERE mount_mailbox > 0 AND deleted_change = 0;
