/* roostctl export: the mails of a folder as an mbox, the oldest first; what is no mail as vCards, or as a calendar. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/mbox_quote.h>
#include <tools/roostctl/runs.h>

#include <gateway/content/calendar_join.h>
#include <gateway/mailbox/event.h>
#include <gateway/mailbox/message.h>

#include <stdio.h>
#include <time.h>

enum { PAGE = 100, CHUNK = 64 * 1024, FROM_LINE_MAX = 128, MS_PER_S = 1000 };

struct export
{
	struct store_tx *tx;
	struct buf out, item; /* `item`: one of a calendar, whole */
	struct cal_join *join;
	struct arena scratch; /* of one message */
	bool damaged;         /* at least one message was left out */
	enum folder_class class;
};

/* The sender is left open, as mbox writers do that do not know the envelope. */
static void put_from_line(struct buf *b, int64_t received_ms)
{
	time_t seconds = (time_t)(received_ms / MS_PER_S);
	char date[FROM_LINE_MAX];
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) || strftime(date, sizeof(date), "%a %b %e %H:%M:%S %Y", &tm) == 0)
		date[0] = '\0';
	buf_fmt(b, "From MAILER-DAEMON %s\n", date);
}

static enum err write_out(struct buf *b)
{
	size_t n = b->n;
	enum err e = buf_status(b);

	if (!e && n > 0 && fwrite(b->p, 1, n, stdout) != n)
		e = ERR_IO;
	buf_clear(b);
	return e;
}

static enum err write_octets(const struct mail_source *source, struct buf *out)
{
	struct mbox_quote quote = { 0 };
	char chunk[CHUNK];
	size_t got = CHUNK;

	for (uint64_t off = 0; got == CHUNK; off += got) {
		TRY(source->read(source->ctx, off, chunk, CHUNK, &got));
		mbox_quote(&quote, out, str_from(chunk, got));
		TRY(write_out(out));
	}
	mbox_quote_end(&quote, out);
	return write_out(out);
}

static enum err write_entry(struct export *x, const struct item *item)
{
	struct str octets;

	TRY(entry_read(&x->scratch, x->tx, item, &octets));
	x->out.max = CAL_WHOLE_MAX + 4 * CHUNK;
	if (x->class == FOLDER_CALENDAR) {
		buf_clear(&x->item);
		TRY(event_give(&x->scratch, x->tx, item->id, octets, &x->item));
		octets = buf_view(&x->item);
	}
	if (x->class == FOLDER_CONTACTS)
		buf_str(&x->out, octets);
	else
		TRY(cal_join_put(x->join, &x->scratch, octets, &x->out));
	return write_out(&x->out);
}

/* A damaged message is named and left out; it must not keep the others from being saved. */
static enum err write_item(struct export *x, const struct item *item)
{
	struct message m = { 0 };
	const bool is_mail = x->class == FOLDER_MAIL;
	enum err e = is_mail ? message_open(&x->scratch, x->tx, item, &m) : ERR_OK;

	if (!is_mail) {
		e = write_entry(x, item);
	} else if (!e) {
		put_from_line(&x->out, item->received_ms);
		e = write_octets(&m.source, &x->out);
	}
	message_close(&m);
	arena_reset(&x->scratch);
	if (e != ERR_CORRUPT && e != ERR_NOT_FOUND)
		return e;
	(void)ctl_fail(e, "message %lld", (long long)item->id);
	x->damaged = true;
	return ERR_OK;
}

static enum err write_folder(struct export *x, struct arena *a, int64_t folder)
{
	struct item *items;
	size_t n = PAGE;

	for (uint32_t after = 0; n == PAGE;) {
		arena_reset(a);
		TRY(item_list(a, x->tx, folder, after, PAGE, &items, &n));
		for (size_t i = 0; i < n; i++) {
			after = items[i].uid;
			TRY(write_item(x, &items[i]));
		}
	}
	cal_join_end(x->join, &x->out);
	return write_out(&x->out);
}

static enum status export_folder(struct ctl *c, struct export *x, const char *path)
{
	struct folder found;
	int64_t folder;
	enum err e = folder_path_find(x->tx, path, &folder);

	if (e == ERR_NOT_FOUND) {
		ctl_say("%s: no such folder", path);
		return STATUS_FAILED;
	}
	if (!e)
		e = folder_get(&c->arena, x->tx, folder, &found);
	if (!e) {
		x->class = found.class;
		e = write_folder(x, &c->arena, folder);
	}
	if (e)
		return ctl_fail(e, "the export stopped");
	return x->damaged ? STATUS_FAILED : ctl_flush();
}

enum status export_run(struct ctl *c, const struct args *args)
{
	struct export x = { .out = BUF_INIT(4 * CHUNK),
			    .item = BUF_INIT(CAL_WHOLE_MAX + 4 * CHUNK),
			    .join = cal_join_new(),
			    .scratch = ARENA_INIT(CTL_ARENA_MAX) };
	struct account account;
	enum status status;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = store_begin(c->store, account.mailbox, STORE_READ, &x.tx);
	status = e ? ctl_fail(e, "%s", args->word[0]) : export_folder(c, &x, args->option[OPTION_FOLDER]);
	store_tx_end(&x.tx);
	cal_join_free(&x.join);
	arena_release(&x.scratch);
	buf_release(&x.out);
	buf_release(&x.item);
	return status;
}
