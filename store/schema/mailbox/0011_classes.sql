-- Folders of calendars, contacts, tasks and notes, and the recipient cache, in mailboxes that were made without them
-- (folder_make_defaults() makes them in new ones). A name is one among those of its class, so that an IMAP mailbox "Notes"
-- stays what it is; a folder of that class and name that a phone has made becomes the default one.
DROP INDEX folder_name;
CREATE UNIQUE INDEX folder_name ON folder (mailbox_id, parent_id, name, class)
	WHERE deleted_change = 0 AND folder_id > 0;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('folder', 'folder_name', '40 40 10 1 1');

UPDATE mailbox SET head_change = head_change + 1;
UPDATE folder SET head_change = (SELECT head_change FROM mailbox) WHERE folder_id = 0;

WITH made (role, class, name) AS (VALUES
	(8, 2, 'Calendar'), (9, 3, 'Contacts'), (10, 4, 'Tasks'), (11, 5, 'Notes'), (12, 3, 'Recipient Cache'))
UPDATE folder SET role = made.role, modified_change = (SELECT head_change FROM mailbox), modified_by = 0
FROM made WHERE folder.parent_id = 0 AND folder.folder_id > 0 AND folder.deleted_change = 0 AND folder.role = 0
	AND folder.class = made.class AND folder.name = made.name;

WITH made (role, class, name) AS (VALUES
	(8, 2, 'Calendar'), (9, 3, 'Contacts'), (10, 4, 'Tasks'), (11, 5, 'Notes'), (12, 3, 'Recipient Cache'))
INSERT INTO folder (mailbox_id, folder_id, parent_id, name, role, class, uid_validity, uid_next, head_change,
	purged_change, total, unread, created_change, modified_change, deleted_change, created_by, modified_by, deleted_by)
SELECT m.mailbox_id, c.last_folder + made.role - 7, 0, made.name, made.role, made.class,
	c.last_uid_validity + made.role - 7, 1, m.head_change, 0, 0, 0, m.head_change, m.head_change, 0, 0, 0, 0
FROM mailbox m JOIN counter c ON c.mailbox_id = m.mailbox_id CROSS JOIN made
WHERE NOT EXISTS (SELECT 1 FROM folder f WHERE f.mailbox_id = m.mailbox_id AND f.role = made.role
	AND f.deleted_change = 0);

UPDATE counter SET last_folder = last_folder + 5, last_uid_validity = last_uid_validity + 5;
