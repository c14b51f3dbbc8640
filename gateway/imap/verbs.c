/* IMAP's commands: one row each, with the states in which it is allowed and what it asks of the session. */
#include <gateway/imap/commands.h>

#define IN(state) (1u << IMAP_##state)
enum {
	ANY = IN(NOT_AUTHENTICATED) | IN(AUTHENTICATED) | IN(SELECTED),
	EARLY = IN(NOT_AUTHENTICATED),
	LATER = IN(AUTHENTICATED) | IN(SELECTED),
	OPEN = IN(SELECTED),
};
#define TELLS IMAP_V_ANNOUNCE
#define BY_NUMBER IMAP_V_SEQUENCE
#define BY_UID (IMAP_V_UID | IMAP_V_ANNOUNCE)
#define WRITES IMAP_V_WRITE
#define ASKS IMAP_V_ASKS
#define LOOKS (IMAP_V_ANNOUNCE | IMAP_V_LOOKS)

/* clang-format off */
static const struct imap_verb verbs[] = {
	{ "CAPABILITY", ANY, TELLS | ASKS, NULL, imap_capability, NULL, NULL },
	{ "NOOP", ANY, TELLS | ASKS, NULL, imap_noop, NULL, NULL },
	{ "LOGOUT", ANY, 0, NULL, imap_logout, NULL, NULL },
	{ "ID", ANY, ASKS, imap_id_parse, imap_id, NULL, NULL },
	{ "STARTTLS", EARLY, 0, NULL, imap_starttls, NULL, NULL },
	{ "LOGIN", EARLY, 0, imap_login_parse, imap_login, NULL, imap_login_release },
	{ "AUTHENTICATE", EARLY, 0, imap_authenticate_parse, imap_authenticate, NULL,
	  imap_login_release },
	{ "ENABLE", LATER, 0, imap_enable_parse, imap_enable, NULL, NULL },
	{ "COMPRESS", LATER, 0, imap_compress_parse, imap_compress, NULL, NULL },
	{ "NAMESPACE", LATER, ASKS, NULL, imap_namespace, NULL, NULL },
	{ "SELECT", LATER, LOOKS, imap_select_parse, NULL, imap_select, NULL },
	{ "EXAMINE", LATER, LOOKS, imap_select_parse, NULL, imap_examine, NULL },
	{ "CREATE", LATER, TELLS, imap_create_parse, NULL, imap_create, NULL },
	{ "DELETE", LATER, TELLS, imap_name_parse, NULL, imap_delete, NULL },
	{ "RENAME", LATER, TELLS, imap_rename_parse, NULL, imap_rename, NULL },
	{ "SUBSCRIBE", LATER, TELLS, imap_name_parse, NULL, imap_subscribe, NULL },
	{ "UNSUBSCRIBE", LATER, TELLS, imap_name_parse, NULL, imap_unsubscribe, NULL },
	{ "LIST", LATER, TELLS | ASKS, imap_list_parse, NULL, imap_list, NULL },
	{ "LSUB", LATER, TELLS | ASKS, imap_lsub_parse, NULL, imap_list, NULL },
	{ "STATUS", LATER, TELLS | ASKS, imap_status_parse, NULL, imap_status, NULL },
	{ "GETQUOTA", LATER, TELLS | ASKS, imap_quota_parse, NULL, imap_get_quota, NULL },
	{ "GETQUOTAROOT", LATER, TELLS | ASKS, imap_quota_parse, NULL, imap_get_quota_root, NULL },
	{ "SETQUOTA", LATER, TELLS, imap_set_quota_parse, imap_set_quota, NULL, NULL },
	{ "APPEND", LATER, TELLS, NULL, NULL, imap_append_work, imap_append_release },
	{ "IDLE", LATER, TELLS, NULL, imap_idle, NULL, imap_idle_release },
	{ "NOTIFY", LATER, TELLS, imap_notify_parse, NULL, imap_notify, NULL },
	{ "UIDBATCHES", OPEN, TELLS | ASKS, imap_batches_parse, NULL, imap_batches, NULL },
	{ "REPLACE", OPEN, BY_NUMBER | TELLS | WRITES, NULL, NULL, imap_append_work, imap_append_release },
	{ "CHECK", OPEN, TELLS | ASKS, NULL, imap_noop, NULL, NULL },
	{ "CLOSE", OPEN, 0, NULL, NULL, imap_close, NULL },
	{ "UNSELECT", OPEN, 0, NULL, imap_unselect, NULL, NULL },
	{ "EXPUNGE", OPEN, TELLS | WRITES, NULL, NULL, imap_expunge, NULL },
	{ "SEARCH", OPEN, BY_NUMBER | ASKS, imap_search_parse, NULL, imap_search, imap_search_release },
	{ "SORT", OPEN, BY_NUMBER | ASKS, imap_sort_parse, NULL, imap_search, imap_search_release },
	{ "THREAD", OPEN, BY_NUMBER | ASKS, imap_thread_parse, NULL, imap_search, imap_search_release },
	{ "FETCH", OPEN, BY_NUMBER | ASKS, imap_fetch_parse, NULL, imap_fetch, imap_fetch_release },
	{ "STORE", OPEN, BY_NUMBER | WRITES, imap_store_parse, NULL, imap_store, imap_store_release },
	{ "COPY", OPEN, BY_NUMBER | TELLS, imap_copy_parse, NULL, imap_copy, NULL },
	{ "MOVE", OPEN, BY_NUMBER | TELLS | WRITES, imap_copy_parse, NULL, imap_move, NULL },
	{ "REPLACE", OPEN, BY_UID | WRITES, NULL, NULL, imap_append_work, imap_append_release },
	{ "EXPUNGE", OPEN, BY_UID | WRITES, imap_expunge_parse, NULL, imap_expunge, NULL },
	{ "SEARCH", OPEN, BY_UID | ASKS, imap_search_parse, NULL, imap_search, imap_search_release },
	{ "SORT", OPEN, BY_UID | ASKS, imap_sort_parse, NULL, imap_search, imap_search_release },
	{ "THREAD", OPEN, BY_UID | ASKS, imap_thread_parse, NULL, imap_search, imap_search_release },
	{ "FETCH", OPEN, BY_UID | ASKS, imap_fetch_parse, NULL, imap_fetch, imap_fetch_release },
	{ "STORE", OPEN, BY_UID | WRITES, imap_store_parse, NULL, imap_store, imap_store_release },
	{ "COPY", OPEN, BY_UID, imap_copy_parse, NULL, imap_copy, NULL },
	{ "MOVE", OPEN, BY_UID | WRITES, imap_copy_parse, NULL, imap_move, NULL },
};
/* clang-format on */

const struct imap_verb *imap_verbs(size_t *ret_n)
{
	*ret_n = countof(verbs);
	return verbs;
}

const struct imap_verb *imap_verb_find(struct str name, bool uid)
{
	for (size_t i = 0; i < countof(verbs); i++)
		if (!!(verbs[i].flags & IMAP_V_UID) == uid && str_ieq(name, str_of(verbs[i].name)))
			return &verbs[i];
	return NULL;
}
