#include <tools/roostctl/ctl.h>

#include <gateway/control/announce.h>
#include <tools/roostctl/owner.h>

#include <errno.h>
#include <stdio.h>

enum { HANDLES_MAX = 8, PAGE = 100 };

void ctl_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("roostctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

enum status ctl_fail(enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("roostctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, ": %s\n", err_text(e));
	va_end(ap);
	return STATUS_FAILED;
}

/* Once is enough until it is committed, however many transactions come to nothing. */
static void before_write(void *ctx, int64_t mailbox)
{
	struct ctl *c = ctx;

	if (mailbox == STORE_DIRECTORY || mailbox == c->announced)
		return;
	announce_begin(c->announcer, mailbox);
	c->announced = mailbox;
}

/* One word for a mailbox, whichever of its folders changed; of accounts the commands speak themselves. */
static void publish(void *ctx, const struct store_change *changes, size_t n)
{
	struct ctl *c = ctx;

	for (size_t i = 0; i < n; i++) {
		if (changes[i].mailbox == STORE_DIRECTORY || (i > 0 && changes[i].mailbox == changes[i - 1].mailbox))
			continue;
		announce_committed(c->announcer, changes[i].mailbox);
		c->announced = STORE_DIRECTORY;
	}
}

enum status ctl_read_config(struct ctl *c, const char *config_path)
{
	struct buf errors = BUF_INIT(CONFIG_MAX_ERROR_BYTES);
	enum err e;

	c->config_path = config_path;
	e = config_load(config_path, &c->config, &errors);
	if (e)
		fwrite(errors.p, 1, errors.n, stderr);
	buf_release(&errors);
	return e ? STATUS_FAILED : STATUS_DONE;
}

enum status ctl_open(struct ctl *c, const char *config_path)
{
	struct store_config store = { .clock = clock_real(),
				      .max_handles = HANDLES_MAX,
				      .publish = publish,
				      .before_write = before_write,
				      .ctx = c };
	enum err e;

	if (ctl_read_config(c, config_path))
		return STATUS_FAILED;
	c->arena = ARENA_INIT(CTL_ARENA_MAX);
	store.state_dir = c->config.server.state_dir;
	e = owner_become(store.state_dir);
	if (e)
		return ctl_fail(e, "the owner of %s cannot be taken on", store.state_dir);
	e = store_open(&store, &c->store);
	if (e)
		return ctl_fail(e, "the mailboxes in %s cannot be opened", store.state_dir);
	e = announce_connect(store.state_dir, &c->announcer);
	if (e)
		return ctl_fail(e, "roostd runs, but cannot be told of changes (%s/%s)", store.state_dir,
				ANNOUNCE_SOCKET_NAME);
	return STATUS_DONE;
}

void ctl_close(struct ctl *c)
{
	store_close(&c->store);
	announce_close(&c->announcer);
	arena_release(&c->arena);
	config_release(&c->config);
}

enum err ctl_each_account(struct ctl *c, ctl_each_fn *each, void *ctx)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account *rows;
	size_t n = PAGE;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (int64_t after = 0; n == PAGE; after = n ? rows[n - 1].id : after) {
		arena_reset(&c->arena);
		TRY(account_list(&c->arena, tx, after, PAGE, &rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(each(ctx, c, tx, &rows[i]));
	}
	return ERR_OK;
}

bool ctl_domain(const char *word, struct buf *ret)
{
	struct str domain = str_of(word);

	for (size_t i = 0; i < domain.n; i++)
		buf_char(ret, ascii_lower(domain.p[i]));
	if (!buf_status(ret) && ret->n > 0)
		return true;
	ctl_say("%s: not a domain", word);
	return false;
}

enum status ctl_account(struct ctl *c, const char *address, struct account *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e = store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx);

	if (!e)
		e = account_find(&c->arena, tx, str_of(address), ret);
	if (e == ERR_NOT_FOUND || e == ERR_INVALID) {
		ctl_say("%s: no such account", address);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", address) : STATUS_DONE;
}

enum status ctl_flush(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return STATUS_DONE;
	ctl_say("standard output: %s", strerror(errno));
	return STATUS_FAILED;
}
