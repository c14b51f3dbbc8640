/* Rows of ids and folders. */
#include <gateway/ews/folder_names.h>
#include <gateway/ews/rows.h>

/* clang-format off */
static const char *const shapes[] = { "IdOnly", "Default", "AllProperties", NULL };
static const char *const traversals[] = { "Shallow", "Deep", "SoftDeleted", NULL };
static const char *const base_points[] = { "Beginning", "End", NULL };
static const char *const formats[] = { "EwsLegacyId", "EwsId", "EntryId", "HexEntryId", "StoreId", "OwaId", NULL };

#define NAME_OF(id, name, role) name,
const char *const ews_distinguished_names[] = { EWS_DISTINGUISHED(NAME_OF) NULL };

/* ---- ids ---- */

STATIC_ROWS(alternate_id, ews_alternate_id,
	NEED_A_ENUM(ews_alternate_id, Format, formats), NEED_A_TEXT(ews_alternate_id, Id),
	NEED_A_TEXT(ews_alternate_id, Mailbox), A_BOOL(ews_alternate_id, IsArchive));
static const struct ews_field source_id_rows[] = { EITHER("AlternateId", &alternate_id) };
static const struct ews_type source_id = EWS_TYPE(ews_alternate_id, source_id_rows);
STATIC_ROWS(source_ids, ews_source_ids, CHOICES(ews_source_ids, choices, &source_id));
ROWS(ews_convert_id_type, ews_convert_id,
	NEED_A_ENUM(ews_convert_id, DestinationFormat, formats),
	NEED_M_STRUCT(ews_convert_id, SourceIds, &source_ids));
STATIC_ROWS(alternate_id_answer, ews_alternate_id_answer,
	{ .name = "xsi:type", .kind = EWS_TEXT, .place = EWS_ATTRIBUTE, .at = offsetof(struct ews_alternate_id_answer, type) },
	A_ENUM(ews_alternate_id_answer, Format, formats), A_TEXT(ews_alternate_id_answer, Id),
	A_TEXT(ews_alternate_id_answer, Mailbox));
STATIC_ROWS(convert_id_message, ews_convert_id_message,
	EWS_RESPONSE_ROWS(ews_convert_id_message),
	M_STRUCT(ews_convert_id_message, AlternateId, &alternate_id_answer));
STATIC_ROWS(convert_id_messages, ews_convert_id_messages,
	M_LIST(ews_convert_id_messages, ConvertIdResponseMessage, &convert_id_message));
ROWS(ews_convert_id_answer_type, ews_convert_id_answer,
	M_STRUCT(ews_convert_id_answer, ResponseMessages, &convert_id_messages));

/* ---- folders ---- */

STATIC_ROWS(folder_shape, ews_folder_shape,
	NEED_ENUM(ews_folder_shape, BaseShape, shapes), ANYTHING("IncludeMimeContent"),
	STRUCT(ews_folder_shape, AdditionalProperties, &ews_anything_type));
STATIC_ROWS(folder_id, ews_folder_id, NEED_A_TEXT(ews_folder_id, Id), A_TEXT(ews_folder_id, ChangeKey));
STATIC_ROWS(distinguished_id, ews_distinguished_id,
	NEED_A_ENUM(ews_distinguished_id, Id, ews_distinguished_names), STRUCT(ews_distinguished_id, Mailbox, &ews_mailbox_type));
static const struct ews_field folder_ref_rows[] = {
	[EWS_REF_FOLDER] = EITHER("FolderId", &folder_id),
	[EWS_REF_DISTINGUISHED] = EITHER("DistinguishedFolderId", &distinguished_id),
};
static const struct ews_type folder_ref = EWS_TYPE(ews_folder_id, folder_ref_rows);
STATIC_ROWS(folder_ids, ews_folder_ids, CHOICES(ews_folder_ids, choices, &folder_ref));
ROWS(ews_get_folder_type, ews_get_folder,
	NEED_M_STRUCT(ews_get_folder, FolderShape, &folder_shape),
	NEED_M_STRUCT(ews_get_folder, FolderIds, &folder_ids));
STATIC_ROWS(page, ews_page,
	A_INT(ews_page, MaxEntriesReturned, 1, INT_MAX), NEED_A_INT(ews_page, Offset, 0, INT_MAX),
	NEED_A_ENUM(ews_page, BasePoint, base_points));
ROWS(ews_find_folder_type, ews_find_folder,
	NEED_A_ENUM(ews_find_folder, Traversal, traversals),
	NEED_M_STRUCT(ews_find_folder, FolderShape, &folder_shape),
	M_STRUCT(ews_find_folder, IndexedPageFolderView, &page),
	M_STRUCT(ews_find_folder, Restriction, &ews_anything_type),
	NEED_M_STRUCT(ews_find_folder, ParentFolderIds, &folder_ids));

STATIC_ROWS(folder, ews_folder,
	STRUCT(ews_folder, FolderId, &folder_id), STRUCT(ews_folder, ParentFolderId, &folder_id),
	TEXT(ews_folder, FolderClass), TEXT(ews_folder, DisplayName), INT(ews_folder, TotalCount, 0, INT_MAX),
	INT(ews_folder, ChildFolderCount, 0, INT_MAX), INT(ews_folder, UnreadCount, 0, INT_MAX));
static const struct ews_field folder_kind_rows[] = {
	[EWS_FOLDER] = EITHER("Folder", &folder),
	[EWS_CALENDAR_FOLDER] = EITHER("CalendarFolder", &folder),
	[EWS_CONTACTS_FOLDER] = EITHER("ContactsFolder", &folder),
	[EWS_TASKS_FOLDER] = EITHER("TasksFolder", &folder),
};
static const struct ews_type folder_kind = EWS_TYPE(ews_folder, folder_kind_rows);
STATIC_ROWS(folders, ews_folders, CHOICES(ews_folders, choices, &folder_kind));
STATIC_ROWS(folder_message, ews_folder_message,
	EWS_RESPONSE_ROWS(ews_folder_message), M_STRUCT(ews_folder_message, Folders, &folders));
STATIC_ROWS(get_folder_messages, ews_get_folder_messages,
	M_LIST(ews_get_folder_messages, GetFolderResponseMessage, &folder_message));
ROWS(ews_get_folder_answer_type, ews_get_folder_answer,
	M_STRUCT(ews_get_folder_answer, ResponseMessages, &get_folder_messages));
STATIC_ROWS(root_folder, ews_root_folder,
	A_INT(ews_root_folder, IndexedPagingOffset, 0, INT_MAX), A_INT(ews_root_folder, TotalItemsInView, 0, INT_MAX),
	A_BOOL(ews_root_folder, IncludesLastItemInRange), STRUCT(ews_root_folder, Folders, &folders));
STATIC_ROWS(find_folder_message, ews_find_folder_message,
	EWS_RESPONSE_ROWS(ews_find_folder_message), M_STRUCT(ews_find_folder_message, RootFolder, &root_folder));
STATIC_ROWS(find_folder_messages, ews_find_folder_messages,
	M_LIST(ews_find_folder_messages, FindFolderResponseMessage, &find_folder_message));
ROWS(ews_find_folder_answer_type, ews_find_folder_answer,
	M_STRUCT(ews_find_folder_answer, ResponseMessages, &find_folder_messages));
/* clang-format on */
