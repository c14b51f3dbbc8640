/*
 * SEARCH and UID SEARCH (RFC 9051 6.4.4; ESEARCH RFC 4731, PARTIAL RFC 9394, SEARCHRES RFC 5182), in slices; SORT and UID
 * SORT (RFC 5256, 5957, ESORT of RFC 5267), which are a search whose finds are put into order; THREAD and UID THREAD.
 */
#include <gateway/imap/commands.h>

#include <base/mem.h>
#include <gateway/imap/mails.h>
#include <gateway/imap/search_match.h>

#include <stdlib.h>

enum { PAGE_ROWS = 4096, OPEN_PAGE_ROWS = 64, SLICE_MS = 100, FOUND_MAX_BYTES = 256 * 1024 * 1024 };

struct search {
	struct imap_search_args *args;
	bool begun;
	struct view *view;
	struct imap_set all;
	struct imap_range all_range;
	struct imap_walk walk;
	struct buf found; /* UIDs, ascending */
	struct buf keys;  /* SORT: of each, its length and its octets (sort.h); THREAD: what thread.h makes of each */
	uint64_t modseq;  /* the highest of what was found */
	uint64_t first, last; /* those of the first and the last that was found */
};

static void parse(struct imap_in *in, struct imap_command *c, struct imap_search_args *(*read)(struct imap_in *in))
{
	struct search *s = arena_new(&c->arena, struct search);

	c->args = s;
	if (!s) {
		in_fail(in, "too much to keep");
		return;
	}
	s->found = BUF_INIT(FOUND_MAX_BYTES);
	s->keys = BUF_INIT(FOUND_MAX_BYTES);
	s->args = read(in);
	c->keeps = s->args && s->args->returns & IMAP_RETURN_SAVE;
}

void imap_search_parse(struct imap_in *in, struct imap_command *c)
{
	parse(in, c, in_search);
}

void imap_sort_parse(struct imap_in *in, struct imap_command *c)
{
	parse(in, c, in_sort);
}

void imap_thread_parse(struct imap_in *in, struct imap_command *c)
{
	parse(in, c, in_thread);
}

void imap_search_release(struct imap_command *c)
{
	struct search *s = c->args;

	if (!s)
		return;
	view_close(c->se->server->views, &s->view);
	buf_release(&s->found);
	buf_release(&s->keys);
}

/* Every set in the tree becomes UIDs. ERR_INVALID: a sequence number that no mail has. */
static enum err resolve(struct imap_command *c, struct imap_key *k)
{
	if (k->kind == IMAP_KEY_SEQUENCE && imap_has(c->se, IMAP_UIDONLY) && !k->set.saved)
		return ERR_DENIED;
	if (k->kind == IMAP_KEY_SEQUENCE || k->kind == IMAP_KEY_UID)
		return imap_resolve(c, &k->set, k->kind == IMAP_KEY_UID);
	for (struct imap_key *child = k->first; child; child = child->next)
		TRY(resolve(c, child));
	return ERR_OK;
}

static enum err begin(struct imap_command *c)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct imap_session *se = c->se;
	struct search *s = c->args;

	TRY(resolve(c, s->args->key));
	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	TRY(view_open(se->server->views, tx, &se->selected.view, &s->view));
	s->all_range = (struct imap_range){ 1, UINT32_MAX };
	s->all = (struct imap_set){ .ranges = &s->all_range, .n = 1 };
	s->walk.set = &s->all;
	s->begun = true;
	return ERR_OK;
}

static void take_found(struct search *s, const struct item *item)
{
	s->first = s->found.n ? s->first : item->modified;
	s->last = item->modified;
	buf_put(&s->found, &item->uid, sizeof(item->uid));
	if (item->modified > s->modseq)
		s->modseq = item->modified;
}

static void take_key(struct search *s, struct imap_matcher *m)
{
	const struct mail_summary *summary = s->args->sort->opens ? imap_matcher_summary(m) : NULL;
	size_t at = s->keys.n;
	uint32_t length = 0;

	buf_put(&s->keys, &length, sizeof(length));
	imap_sort_put(s->args->sort, m->arena, m->item, summary, &s->keys);
	if (buf_status(&s->keys))
		return;
	length = (uint32_t)(s->keys.n - at - sizeof(length));
	memcpy(s->keys.p + at, &length, sizeof(length));
}

static void take_thread(struct search *s, struct imap_matcher *m)
{
	imap_thread_put(m->item, imap_matcher_summary(m), *s->args->thread == IMAP_THREAD_REFERENCES, &s->keys);
}

static bool is_match(struct search *s, const struct imap_rows *rows, struct arena *scratch, const struct item *item,
		     int64_t now_ms)
{
	struct message message = { 0 };
	struct imap_matcher m = { .arena = scratch,
				  .tx = rows->tx,
				  .view = s->view,
				  .now_ms = now_ms,
				  .item = item,
				  .scan = &rows->scan,
				  .message = &message };
	bool is = imap_key_matches(&m, s->args->key);

	if (is && s->args->sort)
		take_key(s, &m);
	if (is && s->args->thread)
		take_thread(s, &m);
	message_close(&message);
	arena_reset(scratch);
	return is;
}

static enum item_scan_with walk_with(const struct imap_search_args *args)
{
	enum item_scan_with with = imap_key_walk(args->key);

	if (args->thread || (args->sort && args->sort->opens))
		return ITEM_SCAN_SUMMARIES;
	return args->sort && with < ITEM_SCAN_ROWS ? ITEM_SCAN_ROWS : with;
}

static enum err search_page(struct imap_command *c, struct arena *scratch, bool *ret_end)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	CLEANUP(imap_rows_end) struct imap_rows rows = { 0 };
	struct imap_session *se = c->se;
	struct search *s = c->args;
	const struct imap_key_flags flags = imap_key_flags(s->args->key);
	size_t limit = s->args->opens ? OPEN_PAGE_ROWS : PAGE_ROWS;
	int64_t now_ms = clock_wall_ms(se->server->args.clock);
	bool row = true;

	TRY(store_begin(se->server->args.store, se->mailbox, STORE_READ, &tx));
	rows = (struct imap_rows){ .walk = &s->walk,
				   .tx = tx,
				   .view = s->view,
				   .with = walk_with(s->args),
				   .mask = flags.mask,
				   .flags = flags.flags };
	for (size_t i = 0; i < limit; i++) {
		struct item item;

		TRY(imap_rows_next(&rows, &item, &row));
		if (!row)
			break;
		if (is_match(s, &rows, scratch, &item, now_ms))
			take_found(s, &item);
		imap_walk_past(&s->walk, &item);
	}
	*ret_end = !row;
	TRY(buf_status(&s->keys));
	return buf_status(&s->found);
}

/* Is it told from the UID alone? */
static bool needs_row(const struct imap_key *k)
{
	bool compound = k->kind == IMAP_KEY_AND || k->kind == IMAP_KEY_OR || k->kind == IMAP_KEY_NOT;

	for (const struct imap_key *child = k->first; compound && child; child = child->next)
		if (needs_row(child))
			return true;
	return !compound && k->kind != IMAP_KEY_ALL && k->kind != IMAP_KEY_NONE && k->kind != IMAP_KEY_SEQUENCE &&
	       k->kind != IMAP_KEY_UID;
}

/* "ALL" and sets, which clients ask for most: the view knows. What has gone and is not told yet is there for them. */
static enum err search_view(struct search *s)
{
	for (uint32_t seq = 1; seq <= s->view->n; seq++) {
		const struct item item = { .uid = view_uid(s->view, seq) };
		struct imap_matcher m = { .view = s->view, .item = &item };

		if (imap_key_matches(&m, s->args->key))
			take_found(s, &item);
	}
	return buf_status(&s->found);
}

/* ---- answers ---- */

struct found {
	const uint32_t *uids;
	size_t n;
	const struct view *view; /* NULL: UIDs are told */
};

static uint32_t told(const struct found *f, size_t i)
{
	return f->view ? view_seq(f->view, f->uids[i]) : f->uids[i];
}

static void put_set(struct buf *b, const struct found *f, size_t from, size_t to)
{
	struct imap_set_writer w = { 0 };

	for (size_t i = from; i < to; i++)
		imap_set_add(&w, b, told(f, i));
	imap_set_finish(&w, b);
}

static void put_page(struct buf *b, const struct imap_search_args *args, const struct found *f)
{
	uint64_t from, to;

	imap_page_bounds(f->n, args->page_from, args->page_to, &from, &to);
	buf_fmt(b, " PARTIAL (%lld:%lld ", (long long)args->page_from, (long long)args->page_to);
	if (from == to)
		buf_cstr(b, "NIL");
	else
		put_set(b, f, (size_t)from, (size_t)to);
	buf_char(b, ')');
}

/* RFC 4731 section 3.2: the highest of what is told. */
static uint64_t told_modseq(const struct search *s)
{
	unsigned returns = s->args->returns;
	uint64_t min = returns & IMAP_RETURN_MIN ? s->first : 0, max = returns & IMAP_RETURN_MAX ? s->last : 0;

	if (s->args->sort || !(min || max) || returns & (IMAP_RETURN_ALL | IMAP_RETURN_COUNT | IMAP_RETURN_PARTIAL))
		return s->modseq;
	return min > max ? min : max;
}

static void put_extended(struct imap_command *c, const struct found *f)
{
	const struct search *s = c->args;
	unsigned returns = s->args->returns;
	struct buf *out = &c->se->out;

	buf_cstr(out, "* ESEARCH (TAG ");
	imap_put_string(out, c->tag);
	buf_cstr(out, f->view ? ")" : ") UID");
	if (returns & IMAP_RETURN_MIN && f->n)
		buf_fmt(out, " MIN %u", told(f, 0));
	if (returns & IMAP_RETURN_MAX && f->n)
		buf_fmt(out, " MAX %u", told(f, f->n - 1));
	if (returns & IMAP_RETURN_COUNT)
		buf_fmt(out, " COUNT %zu", f->n);
	if (returns & IMAP_RETURN_ALL && f->n) {
		buf_cstr(out, " ALL ");
		put_set(out, f, 0, f->n);
	}
	if (returns & IMAP_RETURN_PARTIAL)
		put_page(out, s->args, f);
	if (s->args->modseq && f->n)
		buf_fmt(out, " MODSEQ %llu", (unsigned long long)imap_modseq(c, told_modseq(s)));
	buf_cstr(out, "\r\n");
}

static void put_plain(struct imap_command *c, const struct found *f)
{
	const struct search *s = c->args;
	struct buf *out = &c->se->out;

	buf_cstr(out, s->args->sort ? "* SORT" : "* SEARCH");
	for (size_t i = 0; i < f->n; i++) {
		buf_char(out, ' ');
		buf_u64(out, told(f, i));
	}
	if (s->args->modseq && f->n)
		buf_fmt(out, " (MODSEQ %llu)", (unsigned long long)imap_modseq(c, s->modseq));
	buf_cstr(out, "\r\n");
}

/* RFC 5182 2.1: MIN and MAX alone save what they tell. */
static void save(struct imap_session *se, unsigned returns, const struct found *f)
{
	size_t n = 0;

	free(se->saved.ranges);
	se->saved = (struct imap_set){ 0 };
	if (f->n == 0)
		return;
	se->saved.ranges = mem_array(f->n, sizeof(*se->saved.ranges));
	for (size_t i = 0; i < f->n; i++) {
		bool ends = !(returns & (IMAP_RETURN_ALL | IMAP_RETURN_COUNT)) &&
			    returns & (IMAP_RETURN_MIN | IMAP_RETURN_MAX);

		if (ends && !(i == 0 && returns & IMAP_RETURN_MIN) && !(i + 1 == f->n && returns & IMAP_RETURN_MAX))
			continue;
		if (n && se->saved.ranges[n - 1].hi + 1 == f->uids[i])
			se->saved.ranges[n - 1].hi++;
		else
			se->saved.ranges[n++] = (struct imap_range){ f->uids[i], f->uids[i] };
	}
	se->saved.n = n;
}

static uint32_t thread_number(void *ctx, uint32_t uid)
{
	const struct view *v = ctx;

	return v ? view_seq(v, uid) : uid;
}

static enum imap_next answer_thread(struct imap_command *c)
{
	struct search *s = c->args;
	struct view *numbers = c->verb->flags & IMAP_V_UID ? NULL : s->view;
	struct buf *out = &c->se->out;
	size_t before = out->n;
	enum err e;

	if (s->args->modseq)
		c->se->enabled |= IMAP_CONDSTORE;
	buf_cstr(out, "* THREAD");
	e = imap_thread_answer(*s->args->thread, buf_view(&s->keys), IMAP_MAX_THREAD_STEPS, thread_number, numbers,
			       out);
	if (e) {
		out->n = before;
		return imap_result(c, e, "");
	}
	buf_cstr(out, "\r\n");
	return imap_ok(c, "threaded");
}

static enum imap_next answer(struct imap_command *c)
{
	struct search *s = c->args;
	const struct found f = { (const uint32_t *)(const void *)s->found.p, s->found.n / sizeof(uint32_t),
				 c->verb->flags & IMAP_V_UID ? NULL : s->view };
	unsigned returns = s->args->returns;

	if (s->args->modseq)
		c->se->enabled |= IMAP_CONDSTORE;
	if (returns & IMAP_RETURN_SAVE)
		save(c->se, returns, &f);
	if (s->args->sort)
		imap_sort_order((uint32_t *)(void *)s->found.p, f.n, buf_view(&s->keys));
	/* RFC 5182 2.1: SAVE alone answers nothing. */
	if (returns != IMAP_RETURN_SAVE) {
		if (s->args->extended || (imap_has(c->se, IMAP_REV2) && !s->args->sort)) {
			if (!s->args->extended)
				s->args->returns = IMAP_RETURN_ALL;
			put_extended(c, &f);
		} else {
			put_plain(c, &f);
		}
	}
	return imap_ok(c, "searched");
}

/* RFC 5182 2.1: a search that should have been saved and gets a NO saves that nothing was found; a BAD leaves what there was. */
static enum imap_next refused(struct imap_command *c, enum err e)
{
	const struct search *s = c->args;
	const struct found nothing = { 0 };

	if (e == ERR_INVALID)
		return imap_bad(c, "no such message number");
	if (e == ERR_DENIED)
		return imap_bad(c, "[UIDREQUIRED] only UIDs, as you have enabled UIDONLY");
	if (s->args->returns & IMAP_RETURN_SAVE)
		save(c->se, s->args->returns, &nothing);
	if (s->args->bad_charset)
		return imap_no(c, "[BADCHARSET (UTF-8 US-ASCII)] no such charset");
	return imap_result(c, e, "");
}

enum imap_next imap_search(struct imap_command *c, struct worker *w)
{
	struct search *s = c->args;
	const struct clock *clock = c->se->server->args.clock;
	int64_t until = clock_mono_ms(clock) + SLICE_MS;
	bool end = false;
	enum err e;

	if (s->args->bad_charset)
		return refused(c, ERR_UNSUPPORTED);
	e = s->begun ? ERR_OK : begin(c);
	if (!e && !s->args->sort && !s->args->thread && !needs_row(s->args->key)) {
		e = search_view(s);
		end = true;
	}
	while (!e && !end) {
		e = search_page(c, w->arena, &end);
		if (!e && !end && clock_mono_ms(clock) >= until) {
			imap_progress(c, view_seq_from(s->view, s->walk.next) - 1, s->view->n);
			return IMAP_AGAIN;
		}
	}
	if (e)
		return refused(c, e);
	return s->args->thread ? answer_thread(c) : answer(c);
}
