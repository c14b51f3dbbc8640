/*
 * GETQUOTA and GETQUOTAROOT (RFC 9208): the account is one root, named "", where something is limited. Limits are the
 * administrator's: SETQUOTA is told so.
 */
#include <gateway/imap/commands.h>

#include <gateway/imap/tree.h>
#include <store/quota.h>

enum { STORAGE_UNIT = 1024 }; /* octets (RFC 9208 section 5.1) */

/* GETQUOTA's root, GETQUOTAROOT's mailbox. */
void imap_quota_parse(struct imap_in *in, struct imap_command *c)
{
	struct str *name = arena_new(&c->arena, struct str);

	c->args = name;
	in_sp(in);
	if (name)
		*name = in_astring(in);
	else
		in_fail(in, "too much to keep");
}

void imap_set_quota_parse(struct imap_in *in, struct imap_command *c)
{
	imap_quota_parse(in, c);
	in_sp(in);
	in_open(in);
	if (in_try_close(in))
		return;
	do {
		(void)in_atom(in);
		in_sp(in);
		(void)in_number(in);
	} while (in_more(in));
}

static bool is_limited(const struct quota *limits)
{
	return limits->bytes || limits->messages;
}

static void put_quota(struct buf *out, const struct quota *limits, const struct quota *used)
{
	const char *between = "";

	buf_cstr(out, "* QUOTA \"\" (");
	if (limits->bytes) {
		buf_fmt(out, "STORAGE %llu %llu", (unsigned long long)((used->bytes + STORAGE_UNIT - 1) / STORAGE_UNIT),
			(unsigned long long)(limits->bytes / STORAGE_UNIT));
		between = " ";
	}
	if (limits->messages)
		buf_fmt(out, "%sMESSAGE %llu %llu", between, (unsigned long long)used->messages,
			(unsigned long long)limits->messages);
	buf_cstr(out, ")\r\n");
}

static enum err read_quota(struct store_tx *tx, struct quota *limits, struct quota *used)
{
	TRY(quota_limits(tx, limits));
	return quota_used(tx, used);
}

static enum err get_quota(struct imap_command *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct str *root = c->args;
	struct quota limits, used;

	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_READ, &tx));
	TRY(read_quota(tx, &limits, &used));
	if (root->n || !is_limited(&limits))
		return ERR_NOT_FOUND;
	put_quota(&c->se->out, &limits, &used);
	return ERR_OK;
}

enum imap_next imap_get_quota(struct imap_command *c, struct worker *w)
{
	enum err e = get_quota(c);

	(void)w;
	return e == ERR_NOT_FOUND ? imap_no(c, "[NONEXISTENT] no such quota root") : imap_result(c, e, "done");
}

static enum err get_quota_root(struct imap_command *c, struct arena *a)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct str *name = c->args;
	struct quota limits, used;
	struct folder f;
	struct str path;

	TRY(imap_path_read(a, c->se, *name, &path) == ERR_OK ? ERR_OK : ERR_NOT_FOUND);
	TRY(store_begin(c->se->server->args.store, c->se->mailbox, STORE_READ, &tx));
	TRY(imap_find_folder(a, tx, c->se, *name, &f));
	TRY(read_quota(tx, &limits, &used));
	buf_cstr(&c->se->out, "* QUOTAROOT ");
	imap_put_name(c->se, &c->se->out, path);
	buf_cstr(&c->se->out, is_limited(&limits) ? " \"\"\r\n" : "\r\n");
	if (is_limited(&limits))
		put_quota(&c->se->out, &limits, &used);
	return ERR_OK;
}

enum imap_next imap_get_quota_root(struct imap_command *c, struct worker *w)
{
	return imap_result(c, get_quota_root(c, w->arena), "done");
}

enum imap_next imap_set_quota(struct imap_command *c)
{
	return imap_no(c, "[NOPERM] the administrator sets limits");
}
