/* Attachments of events: out of calendars that come, into those that go. */
#include <gateway/mailbox/event.h>

#include <base/base64.h>
#include <gateway/content/body.h>
#include <gateway/content/calendar_attach.h>
#include <gateway/content/calendar_lines.h>
#include <store/blob.h>
#include <store/item_part.h>
#include <store/queue.h>

#include <assert.h>

enum { LINE_ROOM = 64 * 1024 };

static_assert(EVENT_ATTACHED_MAX / 3 * 4 + 2 * CAL_BYTES_MAX < CAL_WHOLE_MAX, "what an export writes can be imported");

enum err event_part_id(struct arena *a, struct str name, struct str contents, struct str *ret)
{
	CLEANUP(buf_release) struct buf id = BUF_INIT(CAL_ATTACH_ID_CHARS);
	const struct str parts[] = { name, contents };
	struct queue_name hash;

	static_assert(CAL_ATTACH_ID_CHARS <= 2 * QUEUE_NAME_SIZE, "half a hash is enough");
	TRY(queue_name_derive("attachment", parts, countof(parts), &hash));
	buf_hex(&id, hash.octets, CAL_ATTACH_ID_CHARS / 2);
	TRY(buf_status(&id));
	return arena_str(a, buf_view(&id), ret);
}

/* ---- out ---- */

struct taking {
	struct arena *arena;
	const struct event_mail *mail;
	struct body_attachment *of_mail;
	size_t of_mail_n;
	struct event_taken *taken;
	uint64_t octets;
};

static bool has_part(const struct event_taken *t, struct str id)
{
	for (size_t i = 0; i < t->parts_n; i++)
		if (str_eq(t->parts[i].name, id))
			return true;
	return false;
}

/* The contents become a part, and *line names them. */
static enum err put_part(struct taking *t, struct cal_attachment *is, struct str contents, struct str *line)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(LINE_ROOM);

	TRY(event_part_id(t->arena, is->name, contents, &is->id));
	is->size = contents.n;
	if (!has_part(t->taken, is->id)) {
		if (t->taken->parts_n == CAL_ATTACHMENTS_MAX || contents.n > ENTRY_MAX_BYTES ||
		    contents.n > EVENT_ATTACHED_MAX - t->octets)
			return ERR_LIMIT;
		t->octets += contents.n;
		t->taken->parts[t->taken->parts_n++] =
			(struct entry_part){ .name = is->id, .content_type = is->content_type, .octets = contents };
	}
	cal_attach_put(&b, is);
	TRY(buf_status(&b));
	return arena_str(t->arena, buf_view(&b), line);
}

/* Some programs leave out the padding, or fold with more than one blank: what is no base64 stays as it is. */
static enum err take_inline(struct taking *t, struct cal_attachment *is, struct str value, struct str *line)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(EVENT_ATTACHED_MAX);
	struct str contents;
	enum err e = base64_decode(&octets, value);

	if (!e)
		e = buf_status(&octets);
	if (e)
		return e == ERR_INVALID && value.n < LINE_ROOM ? ERR_OK : e;
	TRY(arena_str(t->arena, buf_view(&octets), &contents));
	return put_part(t, is, contents, line);
}

static enum err list_parts(struct taking *t)
{
	return t->of_mail ? ERR_OK : body_attachments(t->arena, t->mail->structure, 0, &t->of_mail, &t->of_mail_n);
}

static enum err take_part(struct taking *t, struct cal_attachment *is, struct str content_id, struct str *line)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(EVENT_ATTACHED_MAX);
	const struct body_attachment *found = NULL;
	struct str contents;
	uint64_t total;

	if (!t->mail)
		return ERR_OK;
	TRY(list_parts(t));
	for (size_t i = 0; i < t->of_mail_n && !found; i++)
		if (content_id.n && str_eq(t->of_mail[i].content_id, content_id))
			found = &t->of_mail[i];
	if (!found)
		return ERR_OK;
	TRY(body_part_decode(t->mail->source, &t->mail->structure->parts[found->part], 0, UINT64_MAX,
			     body_sink_buf(&octets), &total));
	TRY(buf_status(&octets));
	TRY(arena_str(t->arena, buf_view(&octets), &contents));
	if (str_eq(is->name, S("attachment")))
		is->name = found->display_name;
	if (!is->content_id.n && !cal_attach_id(content_id).n)
		TRY(arena_str(t->arena, content_id, &is->content_id));
	return put_part(t, is, contents, line);
}

static enum err take_line(void *ctx, struct str *line)
{
	struct taking *t = ctx;
	enum cal_attach_kind kind;
	const struct str was = *line;
	struct cal_attachment is;
	struct str value;
	enum err e = ERR_OK;

	TRY(cal_attach_read(t->arena, *line, &kind, &is, &value));
	if (kind == CAL_ATTACH_INLINE)
		e = take_inline(t, &is, value, line);
	else if (kind != CAL_ATTACH_ELSEWHERE)
		e = take_part(t, &is, value, line);
	/* Too large, or damaged: the mail has it. What names contents as we do and has none would be shown as if it had. */
	if ((e && e != ERR_BUSY && t->mail) ||
	    (!e && kind == CAL_ATTACH_STORED && line->p == was.p && !has_part(t->taken, is.id))) {
		*line = STR_EMPTY;
		return ERR_OK;
	}
	return e;
}

enum err event_take(struct arena *a, struct str octets, const struct event_mail *mail, struct event_taken *ret)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(CAL_WHOLE_MAX);
	struct taking t = { .arena = a, .mail = mail, .taken = ret };

	*ret = (struct event_taken){ .octets = octets };
	if (str_ifind(octets, S("\nATTACH")) == octets.n)
		return ERR_OK;
	ret->parts = arena_array(a, CAL_ATTACHMENTS_MAX, sizeof(*ret->parts));
	if (!ret->parts)
		return ERR_LIMIT;
	TRY(cal_attach_walk(a, octets, take_line, &t, &out));
	return arena_str(a, buf_view(&out), &ret->octets);
}

/* ---- in ---- */

enum err event_part_read(struct arena *a, struct store_tx *tx, int64_t item, struct str id, struct str *ret)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	struct str type;
	int64_t number;
	size_t n, got;
	char *p;

	TRY(item_part_get(a, tx, item, id, &type, &number));
	TRY(store_blob_open(tx, number, &blob));
	n = (size_t)store_blob_size(blob);
	p = n <= ENTRY_MAX_BYTES ? arena_array(a, n + 1, 1) : NULL;
	if (!p)
		return ERR_LIMIT;
	TRY(store_blob_read(blob, 0, p, n, &got));
	*ret = str_from(p, got);
	return got == n ? ERR_OK : ERR_CORRUPT;
}

struct giving {
	struct arena *arena;
	struct store_tx *tx;
	int64_t item;
	struct str given[CAL_ATTACHMENTS_MAX]; /* ids of those that are in it already */
	size_t given_n;
	uint64_t octets;
};

static bool is_given(const struct giving *g, struct str id)
{
	for (size_t i = 0; i < g->given_n; i++)
		if (str_eq(g->given[i], id))
			return true;
	return false;
}

static enum err give_line(void *ctx, struct str *line)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(2 * EVENT_ATTACHED_MAX);
	CLEANUP(buf_release) struct buf b = BUF_INIT(CAL_WHOLE_MAX);
	struct giving *g = ctx;
	enum cal_attach_kind kind;
	struct cal_attachment is;
	struct str value, contents;
	enum err e;

	TRY(cal_attach_read(g->arena, *line, &kind, &is, &value));
	if (kind != CAL_ATTACH_STORED || is_given(g, is.id) || g->given_n == CAL_ATTACHMENTS_MAX)
		return ERR_OK; /* an instance names those of its series, whose contents stand there */
	e = event_part_read(&scratch, g->tx, g->item, is.id, &contents);
	if (e == ERR_NOT_FOUND || e == ERR_CORRUPT) {
		*line = STR_EMPTY;
		return ERR_OK;
	}
	TRY(e);
	if (contents.n > EVENT_ATTACHED_MAX - g->octets)
		return ERR_OK;
	g->octets += contents.n;
	g->given[g->given_n++] = is.id;
	cal_attach_put_inline(&b, &is, contents);
	TRY(buf_status(&b));
	return arena_str(g->arena, buf_view(&b), line);
}

enum err event_give(struct arena *a, struct store_tx *tx, int64_t item, struct str octets, struct buf *out)
{
	struct giving g = { .arena = a, .tx = tx, .item = item };

	if (str_ifind(octets, S("\nATTACH")) == octets.n) {
		buf_str(out, octets);
		return buf_status(out);
	}
	return cal_attach_walk(a, octets, give_line, &g, out);
}
