/* The table of item classes. */
#include <gateway/activesync/item_class.h>

#include <gateway/activesync/contact.h>
#include <gateway/activesync/email.h>
#include <gateway/activesync/email_text.h>
#include <gateway/activesync/event.h>
#include <gateway/activesync/sync_class.h>
#include <gateway/activesync/todo.h>
#include <gateway/mailbox/event.h>

#define FILTERS(from, to) (((2u << (to)) - 1) & ~((1u << (from)) - 1))

/* FilterType (MS-ASCMD 2.2.3.68.2) */
enum { FILTER_ALL = 0, FILTER_TWO_WEEKS = 4, FILTER_MONTH = 5, FILTER_SIX_MONTHS = 7, FILTER_INCOMPLETE = 8 };

static const struct item_class classes[] = {
	{ .name = STR_INIT("Email"),
	  .folder = FOLDER_MAIL,
	  .since = EAS_2_5,
	  .user_type = 12,
	  .filters = FILTERS(FILTER_ALL, FILTER_MONTH),
	  .deletes_move = true,
	  .put = email_put,
	  .put_change = email_put_change,
	  .put_placeholder = email_put_placeholder,
	  .add = sync_mail_add,
	  .change = sync_mail_change },
	{ .name = STR_INIT("Calendar"),
	  .folder = FOLDER_CALENDAR,
	  .since = EAS_2_5,
	  .default_type = 8,
	  .user_type = 13,
	  .filters = FILTERS(FILTER_TWO_WEEKS, FILTER_SIX_MONTHS) | 1u << FILTER_ALL,
	  .put = event_put,
	  .put_change = event_put,
	  .put_placeholder = event_put_placeholder,
	  .add = sync_written_add,
	  .change = sync_written_change,
	  .write = event_write,
	  .is_private = event_is_private,
	  .index = event_index_octets,
	  .find_same = event_same_uid,
	  .answer = event_answer },
	{ .name = STR_INIT("Contacts"),
	  .folder = FOLDER_CONTACTS,
	  .since = EAS_2_5,
	  .default_type = 9,
	  .user_type = 14,
	  .put = contact_put,
	  .put_change = contact_put,
	  .put_placeholder = contact_put_placeholder,
	  .add = sync_written_add,
	  .change = sync_written_change,
	  .write = contact_write },
	{ .name = STR_INIT("Tasks"),
	  .folder = FOLDER_TASKS,
	  .since = EAS_2_5,
	  .default_type = 7,
	  .user_type = 15,
	  .filters = 1u << FILTER_ALL | 1u << FILTER_INCOMPLETE,
	  .put = task_put,
	  .put_change = task_put,
	  .put_placeholder = task_put_placeholder,
	  .add = sync_written_add,
	  .change = sync_written_change,
	  .write = task_write,
	  .is_private = task_is_private },
	{ .name = STR_INIT("Notes"),
	  .folder = FOLDER_NOTES,
	  .since = EAS_14_0,
	  .default_type = 10,
	  .user_type = 17,
	  .no_supported = true,
	  .put = note_put,
	  .put_change = note_put,
	  .put_placeholder = note_put_placeholder,
	  .add = sync_written_add,
	  .change = sync_written_change,
	  .write = note_write,
	  .is_private = note_is_private },
};

static const struct item_class texts = {
	.name = STR_INIT("SMS"),
	.folder = FOLDER_MAIL,
	.since = EAS_14_0,
	.put = email_text_put,
	.put_change = email_put_change,
	.put_placeholder = email_text_put_placeholder,
};

const struct item_class *item_class_texts(void)
{
	return &texts;
}

bool item_class_has_texts(const struct item_class *of_folder, enum folder_role role, enum eas_version v)
{
	if (of_folder->folder != FOLDER_MAIL || v < texts.since)
		return false;
	return v > EAS_14_0 || role == FOLDER_INBOX || role == FOLDER_OUTBOX || role == FOLDER_SENT;
}

const struct item_class *item_class_of_folder(enum folder_class folder, enum eas_version v)
{
	for (size_t i = 0; i < countof(classes); i++)
		if (classes[i].folder == folder)
			return v >= classes[i].since ? &classes[i] : NULL;
	return NULL;
}

const struct item_class *item_class_named(struct str name)
{
	for (size_t i = 0; i < countof(classes); i++)
		if (str_eq(classes[i].name, name))
			return &classes[i];
	return NULL;
}

const struct item_class *item_class_of_type(uint64_t type, enum eas_version v)
{
	for (size_t i = 0; i < countof(classes); i++)
		if (classes[i].user_type == type)
			return v >= classes[i].since ? &classes[i] : NULL;
	return NULL;
}

enum err item_class_of_item(struct arena *a, struct store_tx *tx, const struct item *item, enum eas_version v,
			    const struct item_class **ret)
{
	struct folder folder;

	TRY(folder_get(a, tx, item->folder, &folder));
	/* MS-ASCMD_R196: the recipient cache is for Sync alone */
	*ret = folder.role == FOLDER_RECIPIENT_CACHE ? NULL : item_class_of_folder(folder.class, v);
	if (item->flags & ITEM_TEXT)
		*ret = v >= texts.since ? &texts : NULL;
	return *ret ? ERR_OK : ERR_NOT_FOUND;
}

bool item_class_syncs(const struct item_class *class)
{
	return class && class->put;
}

bool item_class_filters(const struct item_class *class, uint8_t filter)
{
	return !class->filters || (filter < 32 && class->filters >> filter & 1);
}
