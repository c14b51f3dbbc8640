/* Handlers of commands, for the table in verbs.c. */
#ifndef GATEWAY_IMAP_COMMANDS_H
#define GATEWAY_IMAP_COMMANDS_H

#include <gateway/imap/session.h>

/* cmd_session.c */
imap_here_fn imap_capability, imap_noop, imap_logout, imap_enable, imap_namespace, imap_starttls, imap_compress;
imap_parse_fn imap_id_parse, imap_enable_parse, imap_compress_parse;
imap_here_fn imap_id;

/* cmd_login.c */
imap_parse_fn imap_login_parse, imap_authenticate_parse;
imap_here_fn imap_login, imap_authenticate;
void imap_login_release(struct imap_command *c);

/* cmd_select.c */
imap_parse_fn imap_select_parse;
imap_work_fn imap_select, imap_examine, imap_close;
imap_here_fn imap_unselect;

/* cmd_folder.c */
imap_parse_fn imap_name_parse, imap_create_parse, imap_rename_parse;
imap_work_fn imap_create, imap_delete, imap_rename, imap_subscribe, imap_unsubscribe;

/* cmd_list.c */
imap_parse_fn imap_list_parse, imap_lsub_parse, imap_status_parse;
imap_work_fn imap_list, imap_status;

/* append.c */
imap_work_fn imap_append_work;
void imap_append_release(struct imap_command *c);

/* cmd_fetch.c */
imap_parse_fn imap_fetch_parse;
imap_work_fn imap_fetch;
void imap_fetch_release(struct imap_command *c);

/* cmd_store.c */
imap_parse_fn imap_store_parse;
imap_work_fn imap_store;
void imap_store_release(struct imap_command *c);

/* cmd_copy.c */
imap_parse_fn imap_copy_parse;
imap_work_fn imap_copy, imap_move;

/* cmd_expunge.c */
imap_parse_fn imap_expunge_parse;
imap_work_fn imap_expunge;

/* cmd_search.c */
imap_parse_fn imap_search_parse, imap_sort_parse, imap_thread_parse;
imap_work_fn imap_search;
void imap_search_release(struct imap_command *c);

/* cmd_batches.c */
imap_parse_fn imap_batches_parse;
imap_work_fn imap_batches;

/* cmd_quota.c */
imap_parse_fn imap_quota_parse, imap_set_quota_parse;
imap_work_fn imap_get_quota, imap_get_quota_root;
imap_here_fn imap_set_quota;

/* cmd_idle.c */
imap_here_fn imap_idle;
void imap_idle_release(struct imap_command *c);
/* Of an IDLE that rests: it looks for what there is to tell. */
void imap_idle_look(struct imap_command *c);
bool imap_idle_rests(const struct imap_command *c); /* false for other commands */

/* cmd_notify.c, notify.c */
imap_parse_fn imap_notify_parse;
imap_work_fn imap_notify;

#endif
