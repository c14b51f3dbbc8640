/*
 * What every command works with: the configuration, the store, and the line to a running roostd, which hears of each
 * mailbox before it is written and when it has been (gateway/control/announce.h). One thread.
 */
#ifndef ROOSTCTL_CTL_H
#define ROOSTCTL_CTL_H

#include <gateway/config/config.h>
#include <store/account.h>
#include <tools/roostctl/args.h>

struct announcer;

enum { CTL_ARENA_MAX = 64 * 1024 * 1024 }; /* of a command */

struct ctl {
	const char *config_path;
	struct config config;
	struct announcer *announcer; /* NULL: no roostd is running */
	int64_t announced;           /* the mailbox named to it and not yet committed; STORE_DIRECTORY: none */
	struct store *store;
	struct arena arena; /* lives as long as the command */
};

/* Reads the configuration and opens the store. What went wrong was said on stderr. */
enum status ctl_open(struct ctl *c, const char *config_path);
enum status ctl_read_config(struct ctl *c, const char *config_path);
void ctl_close(struct ctl *c); /* of a zeroed one too */

/* Says "roostctl: …" on stderr. */
void ctl_say(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* ctl_say() with the text of the error after it; returns STATUS_FAILED. */
enum status ctl_fail(enum err e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The account that has an address; says so where there is none. */
enum status ctl_account(struct ctl *c, const char *address, struct account *ret);

/*
 * Calls `each` for every account by its number, in one read transaction of the directory. The command's arena is emptied
 * between pages: nothing in it may be needed behind that. The first error ends it.
 */
typedef enum err ctl_each_fn(void *ctx, struct ctl *c, struct store_tx *tx, const struct account *a);
enum err ctl_each_account(struct ctl *c, ctl_each_fn *each, void *ctx) MUST_CHECK;

/* Appends a domain in lower case; false, and says so: it is none. */
bool ctl_domain(const char *word, struct buf *ret);

/* Flushes stdout; a listing that did not reach its reader has failed. */
enum status ctl_flush(void);

#endif
