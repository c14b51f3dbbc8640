/*
 * IDLE (RFC 2177): register, check, hold. The watch is registered first, then the mailbox is looked at once, and only
 * then is there nothing to do but wait. A watch fires once, so each firing registers the next one and looks again.
 */
#include <gateway/imap/commands.h>

#include <base/mem.h>
#include <push/push.h>

#include <stdlib.h>

enum { WATCH_MS = 24 * 60 * 60 * 1000, DONE_MAX_BYTES = 64 };

/*
 * Who is woken. Of the loop, but for the watch's firing, which only posts the task. It outlives its command where it has
 * been fired and the task is on its way.
 */
struct waker {
	struct task task;
	struct loop *loop;
	struct push *push;
	struct push_watch *watch;
	struct push_watch_args args;
	int64_t folder;
	struct imap_command *c; /* NULL: it has ended */
	bool looking;           /* a job is at work */
	bool again;             /* fired meanwhile */
};

static void fire(void *ctx, enum push_reason reason)
{
	struct waker *k = ctx;

	(void)reason;
	loop_post(k->loop, &k->task);
}

static void look(struct waker *k)
{
	if (k->looking) {
		k->again = true;
		return;
	}
	k->again = false;
	k->looking = true;
	imap_command_insist(k->c);
}

static bool watch(struct waker *k)
{
	k->args.deadline_ms = loop_now_ms(k->loop) + WATCH_MS;
	return push_watch(k->push, &k->args, &k->watch) == ERR_OK;
}

static void woken(struct task *t)
{
	struct waker *k = container_of(t, struct waker, task);

	if (!k->c) {
		free(k);
		return;
	}
	(void)push_drop(k->push, &k->watch);
	if (watch(k))
		look(k);
	else
		imap_bye(k->c->se, IMAP_TEXT_BUSY);
}

void imap_idle_look(struct imap_command *c)
{
	look(c->args);
}

bool imap_idle_rests(const struct imap_command *c)
{
	const struct waker *k;

	if (c->verb->here != imap_idle)
		return false;
	k = c->args;
	return k && !k->looking;
}

static void looked(struct imap_command *c)
{
	struct waker *k = c->args;

	k->looking = false;
	if (k->again)
		look(k);
}

static struct waker *waker_new(struct imap_command *c)
{
	struct imap_session *se = c->se;
	struct waker *k = mem_alloc(sizeof(*k));

	k->task.run = woken;
	k->loop = stream_loop(se->stream);
	k->push = se->server->args.push;
	k->c = c;
	k->folder = se->selected.view.folder;
	k->args = (struct push_watch_args){ .mailbox = se->mailbox,
					    .account = se->account,
					    .folders = &k->folder,
					    .folders_n = se->state == IMAP_SELECTED,
					    .fire = fire,
					    .ctx = k };
	return k;
}

void imap_idle_release(struct imap_command *c)
{
	struct waker *k = c->args;

	if (!k)
		return;
	k->c = NULL;
	if (push_drop(k->push, &k->watch))
		free(k);
}

/* DONE, in any case; whatever else is an error, and ends it too. */
static bool take_done(struct imap_command *c)
{
	struct waker *k = c->args;
	struct str in = imap_input(c->se), line;
	size_t end = str_index(in, '\n');

	if (k->looking || (end == in.n && in.n < DONE_MAX_BYTES))
		return false;
	line = str_trim(str_slice(in, 0, end));
	if (str_ieq(line, S("DONE")))
		imap_ok(c, "done");
	else
		imap_bad(c, "DONE is expected");
	imap_consume(c->se, end == in.n ? in.n : end + 1);
	imap_command_end(c);
	return false;
}

/* A word now and then keeps the connection known to what lies between. */
static void remind(struct imap_command *c)
{
	imap_line(c->se, "* OK still here");
	imap_flush(c->se);
	stream_set_timeout(c->se->stream, IMAP_IDLE_REMIND_MS);
}

enum imap_next imap_idle(struct imap_command *c)
{
	struct waker *k = waker_new(c);

	c->args = k;
	if (!watch(k))
		return imap_no(c, IMAP_TEXT_BUSY);
	c->input = take_done;
	c->home = looked;
	c->timeout = remind;
	stream_set_timeout(c->se->stream, IMAP_IDLE_REMIND_MS);
	imap_line(c->se, "+ idling");
	imap_flush(c->se);
	look(k);
	return IMAP_HELD;
}
