/* Threads. The steps are those of RFC 5256 section 3. */
#include <gateway/imap/thread.h>

#include <base/mem.h>
#include <base/table.h>
#include <gateway/content/header.h>
#include <gateway/imap/limits.h>
#include <gateway/imap/sort.h>

#include <stdlib.h>

#define NONE UINT32_MAX

static const char *const names[] = {
	[IMAP_THREAD_ORDEREDSUBJECT] = "ORDEREDSUBJECT",
	[IMAP_THREAD_REFERENCES] = "REFERENCES",
};
_Static_assert(countof(names) == IMAP_THREADING_MAX_, "a name for each");

enum imap_threading in_threading(struct imap_in *in)
{
	for (size_t i = 0; i < countof(names); i++)
		if (in_try_word(in, names[i]))
			return (enum imap_threading)i;
	in_fail(in, "no such algorithm");
	return IMAP_THREAD_REFERENCES;
}

/* ---- a mail's numbers ---- */

/* As they lie in the buffer; `refs` ids follow. */
struct fact {
	int64_t date_ms;
	uint64_t id, subject; /* 0: none */
	uint32_t uid, refs;
	bool reply;
};

static uint64_t hash(struct str s)
{
	uint64_t h = table_hash(s);

	return h ? h : 1;
}

/* Subjects compare without the case of ASCII letters, as they sort. */
static uint64_t hash_folded(struct str s)
{
	struct buf b = BUF_INIT(SUMMARY_SUBJECT_MAX);
	uint64_t h;

	for (size_t i = 0; i < s.n; i++)
		buf_char(&b, ascii_lower(s.p[i]));
	h = b.n ? hash(buf_view(&b)) : 0;
	buf_release(&b);
	return h;
}

void imap_thread_put(const struct item *item, const struct mail_summary *summary, bool ids, struct buf *out)
{
	struct fact f = { .date_ms = item->received_ms, .uid = item->uid };
	struct str rest = STR_EMPTY, id;
	size_t at = out->n;

	if (summary) {
		f.date_ms = imap_sort_date(item, summary);
		f.subject = hash_folded(imap_base_subject(summary->subject, &f.reply));
		f.id = ids && summary->message_id.n ? hash(summary->message_id) : 0;
		rest = !ids ? STR_EMPTY : summary->references.n ? summary->references : summary->in_reply_to;
	}
	buf_put(out, &f, sizeof(f));
	while (header_msgid_next(&rest, &id)) {
		uint64_t h = hash(id);

		buf_put(out, &h, sizeof(h));
		f.refs++;
	}
	if (buf_status(out) == ERR_OK)
		memcpy(out->p + at, &f, sizeof(f));
}

static struct fact take_fact(struct str *mails)
{
	struct fact f;

	memcpy(&f, mails->p, sizeof(f));
	*mails = str_slice(*mails, sizeof(f), mails->n);
	return f;
}

static uint64_t take_ref(struct str *mails)
{
	uint64_t h;

	memcpy(&h, mails->p, sizeof(h));
	*mails = str_slice(*mails, sizeof(h), mails->n);
	return h;
}

/* ---- nodes ---- */

/* A mail, or what is referred to and not there, or what holds threads of one subject together: those two are dummies. */
struct node {
	uint32_t uid;    /* 0: a dummy */
	uint32_t parent; /* NONE: it is at the top */
	uint32_t children;
	uint32_t first; /* of its children, in the order that is told; from step 6 on */
	bool reply;
	bool gone;
	uint64_t id, subject;
	int64_t date_ms;
};

struct forest {
	struct node *nodes;
	uint32_t n, room;
	uint32_t *by_id; /* open addressing: the nodes that have an id */
	uint32_t slots;  /* a power of two */
	uint64_t steps;  /* left for looking after loops */
	enum err err;
};

static void forest_release(struct forest *f)
{
	free(f->nodes);
	free(f->by_id);
}

static uint32_t node_new(struct forest *f)
{
	if (f->n == IMAP_MAX_THREAD_NODES) {
		f->err = ERR_LIMIT;
		return 0;
	}
	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 64;
		f->nodes = mem_resize(f->nodes, f->room * sizeof(*f->nodes));
	}
	f->nodes[f->n] = (struct node){ .parent = NONE };
	return f->n++;
}

/* Where in a table of nodes one with this number is, or would be. */
static uint32_t slot_of(const struct forest *f, uint64_t id)
{
	uint32_t at = (uint32_t)id & (f->slots - 1);

	while (f->by_id[at] != NONE && f->nodes[f->by_id[at]].id != id)
		at = (at + 1) & (f->slots - 1);
	return at;
}

static void make_slots(struct forest *f, uint32_t slots)
{
	f->slots = slots;
	f->by_id = mem_resize(f->by_id, slots * sizeof(*f->by_id));
	memset(f->by_id, 0xff, slots * sizeof(*f->by_id));
	for (uint32_t i = 0; i < f->n; i++)
		if (f->nodes[i].id)
			f->by_id[slot_of(f, f->nodes[i].id)] = i;
}

static uint32_t node_of(struct forest *f, uint64_t id)
{
	uint32_t slot;

	if (f->n >= f->slots / 2)
		make_slots(f, f->slots ? f->slots * 2 : 256);
	slot = slot_of(f, id);
	if (f->by_id[slot] == NONE) {
		uint32_t made = node_new(f);

		if (f->err)
			return made;
		f->by_id[slot] = made;
		f->nodes[made].id = id;
	}
	return f->by_id[slot];
}

/* ---- REFERENCES, step 1 ---- */

/* Is `above` above it, or it? Who has no children is above nobody: so threads as they come cost a step a mail. */
static bool would_loop(struct forest *f, uint32_t parent, uint32_t child)
{
	if (parent == child)
		return true;
	if (f->nodes[child].children == 0)
		return false;
	for (; parent != NONE; parent = f->nodes[parent].parent) {
		if (parent == child || f->steps == 0)
			return true;
		f->steps--;
	}
	return false;
}

static void link_nodes(struct forest *f, uint32_t parent, uint32_t child)
{
	if (would_loop(f, parent, child))
		return;
	f->nodes[child].parent = parent;
	f->nodes[parent].children++;
}

static void unlink_node(struct forest *f, uint32_t child)
{
	uint32_t parent = f->nodes[child].parent;

	if (parent == NONE)
		return;
	f->nodes[parent].children--;
	f->nodes[child].parent = NONE;
}

static void set_mail(struct node *node, const struct fact *fact)
{
	node->uid = fact->uid;
	node->reply = fact->reply;
	node->subject = fact->subject;
	node->date_ms = fact->date_ms;
}

static void add_mail(struct forest *f, struct str *mails)
{
	struct fact fact = take_fact(mails);
	uint32_t last = NONE, own;

	for (uint32_t i = 0; i < fact.refs; i++) {
		uint32_t ref = node_of(f, take_ref(mails));

		if (f->err)
			return;
		if (last != NONE && f->nodes[ref].parent == NONE)
			link_nodes(f, last, ref);
		last = ref;
	}
	own = fact.id ? node_of(f, fact.id) : node_new(f);
	if (!f->err && f->nodes[own].uid) /* another one has this id: it is as if it had none */
		own = node_new(f);
	if (f->err)
		return;
	set_mail(&f->nodes[own], &fact);
	unlink_node(f, own);
	if (last != NONE)
		link_nodes(f, last, own);
}

/* ---- steps 2 and 3: who is not there is taken out ---- */

/* The node below which it comes to lie: a mail, or the dummy at the top. Ways that were gone are shortened. */
static uint32_t holder(struct forest *f, uint32_t i)
{
	uint32_t top = i;

	while (f->nodes[top].uid == 0 && f->nodes[top].parent != NONE)
		top = f->nodes[top].parent;
	while (i != top) {
		uint32_t next = f->nodes[i].parent;

		f->nodes[i].parent = top;
		i = next;
	}
	return top;
}

static void prune(struct forest *f)
{
	for (uint32_t i = 0; i < f->n; i++)
		if (f->nodes[i].uid && f->nodes[i].parent != NONE)
			f->nodes[i].parent = holder(f, f->nodes[i].parent);
	for (uint32_t i = 0; i < f->n; i++)
		f->nodes[i].children = 0;
	for (uint32_t i = 0; i < f->n; i++)
		if (f->nodes[i].uid && f->nodes[i].parent != NONE)
			f->nodes[f->nodes[i].parent].children++;
	for (uint32_t i = 0; i < f->n; i++) {
		struct node *node = &f->nodes[i];

		if (node->uid && node->parent != NONE && f->nodes[node->parent].uid == 0 &&
		    f->nodes[node->parent].children == 1)
			node->parent = NONE;
		node->gone = node->uid == 0 && node->children < 2;
	}
	for (uint32_t i = 0; i < f->n; i++)
		if (f->nodes[i].uid == 0)
			f->nodes[i].parent = NONE;
}

/* ---- order ---- */

struct place {
	uint32_t node, parent, uid;
	int64_t date_ms;
};

/* Siblings stand together, by their dates, and by their numbers where those are equal. */
static int compare(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

/*
 * All nodes in their order, those at the top last (their parent is NONE); of each, where its children begin, and how many
 * they are. A dummy is dated as the first of its children, which are mails.
 */
static struct place *put_in_order(struct forest *f, uint32_t *ret_n, uint32_t *ret_top)
{
	struct place *places = mem_array(f->n ? f->n : 1, sizeof(*places));
	uint32_t n = 0, top = 0;

	for (uint32_t i = 0; i < f->n; i++)
		f->nodes[i].children = 0;
	for (uint32_t i = 0; i < f->n; i++) {
		const struct node *node = &f->nodes[i];

		if (!node->gone && node->uid)
			places[n++] = (struct place){ i, node->parent, node->uid, node->date_ms };
	}
	qsort(places, n, sizeof(*places), compare);
	for (uint32_t i = 0; i < n && places[i].parent != NONE; i++) {
		struct node *parent = &f->nodes[places[i].parent];

		if (parent->children++ == 0)
			parent->first = i;
		top = i + 1;
	}
	for (uint32_t i = 0; i < f->n; i++) {
		const struct node *node = &f->nodes[i];

		if (!node->gone && node->uid == 0)
			places[n++] = (struct place){ i, NONE, places[node->first].uid, places[node->first].date_ms };
	}
	qsort(places + top, n - top, sizeof(*places), compare);
	*ret_n = n;
	*ret_top = top;
	return places;
}

/* ---- step 5: threads of one subject ---- */

/* What stands for each subject: nodes, in a table of its own. */
struct subjects {
	uint32_t *slots;
	uint32_t n; /* a power of two */
};

static uint64_t subject_of(const struct forest *f, const struct place *places, uint32_t node)
{
	const struct node *it = &f->nodes[node];

	return it->uid ? it->subject : f->nodes[places[it->first].node].subject;
}

static uint32_t *subject_slot(const struct forest *f, const struct subjects *s, uint64_t subject)
{
	uint32_t at = (uint32_t)subject & (s->n - 1);

	while (s->slots[at] != NONE && f->nodes[s->slots[at]].subject != subject)
		at = (at + 1) & (s->n - 1);
	return &s->slots[at];
}

static void note_subject(struct forest *f, const struct subjects *s, uint32_t node)
{
	const struct node *it = &f->nodes[node];
	uint32_t *slot = subject_slot(f, s, it->subject);
	const struct node *there = *slot == NONE ? NULL : &f->nodes[*slot];

	if (!there || (it->uid == 0 && there->uid) || (there->uid && there->reply && !it->reply))
		*slot = node;
}

static void adopt_children(struct forest *f, const struct place *places, uint32_t from, uint32_t to)
{
	const struct node *old = &f->nodes[from];

	for (uint32_t i = 0; i < old->children; i++)
		f->nodes[places[old->first + i].node].parent = to;
	f->nodes[from].gone = true;
}

static void merge(struct forest *f, const struct subjects *s, const struct place *places, uint32_t node)
{
	uint32_t *slot = subject_slot(f, s, f->nodes[node].subject), there = *slot, both;

	if (there == node)
		return;
	if (f->nodes[there].uid == 0 && f->nodes[node].uid == 0) {
		adopt_children(f, places, node, there);
	} else if (f->nodes[there].uid == 0 || (f->nodes[node].reply && !f->nodes[there].reply)) {
		f->nodes[node].parent = there;
	} else {
		both = node_new(f);
		if (f->err)
			return;
		f->nodes[both].subject = f->nodes[node].subject;
		f->nodes[node].parent = f->nodes[there].parent = both;
		*slot = both;
	}
}

static void merge_subjects(struct forest *f)
{
	uint32_t n, top;
	struct place *places = put_in_order(f, &n, &top);
	struct subjects s = { .n = 256 };

	while (s.n / 2 < n - top)
		s.n *= 2;
	s.slots = mem_array(s.n, sizeof(*s.slots));
	memset(s.slots, 0xff, s.n * sizeof(*s.slots));
	for (uint32_t i = top; i < n; i++) {
		uint32_t node = places[i].node;

		f->nodes[node].subject = subject_of(f, places, node);
		if (f->nodes[node].subject)
			note_subject(f, &s, node);
	}
	for (uint32_t i = top; i < n && !f->err; i++)
		if (f->nodes[places[i].node].subject)
			merge(f, &s, places, places[i].node);
	free(s.slots);
	free(places);
}

/* ---- ORDEREDSUBJECT ---- */

/* Mails of one subject hang below the first of them; those without a subject are of one too. */
static void thread_by_subject(struct forest *f)
{
	struct place *places = mem_array(f->n ? f->n : 1, sizeof(*places));
	struct subjects s = { .n = 256 };

	for (uint32_t i = 0; i < f->n; i++)
		places[i] = (struct place){ i, NONE, f->nodes[i].uid, f->nodes[i].date_ms };
	qsort(places, f->n, sizeof(*places), compare);
	while (s.n / 2 < f->n)
		s.n *= 2;
	s.slots = mem_array(s.n, sizeof(*s.slots));
	memset(s.slots, 0xff, s.n * sizeof(*s.slots));
	for (uint32_t i = 0; i < f->n; i++) {
		uint32_t node = places[i].node, *slot = subject_slot(f, &s, f->nodes[node].subject);

		if (*slot == NONE)
			*slot = node;
		else
			f->nodes[node].parent = *slot;
	}
	free(s.slots);
	free(places);
}

/* ---- the answer ---- */

struct writer {
	const struct forest *f;
	const struct place *places;
	imap_thread_number *number;
	void *ctx;
	struct buf *out;
	struct buf open; /* struct span: siblings that are still to be written, the innermost last */
};

struct span {
	uint32_t next, end;
};

/* A mail, and those below it as long as each has one: the last of them. */
static uint32_t put_chain(struct writer *w, uint32_t node)
{
	for (;;) {
		const struct node *it = &w->f->nodes[node];

		buf_u64(w->out, w->number(w->ctx, it->uid));
		if (it->children != 1)
			return node;
		buf_char(w->out, ' ');
		node = w->places[it->first].node;
	}
}

static void put_thread(struct writer *w, uint32_t node)
{
	const struct node *it = &w->f->nodes[node];

	buf_char(w->out, '(');
	if (it->uid)
		it = &w->f->nodes[put_chain(w, node)];
	if (it->children == 0) {
		buf_char(w->out, ')');
		return;
	}
	if (it->uid)
		buf_char(w->out, ' ');
	buf_put(&w->open, &(struct span){ it->first, it->first + it->children }, sizeof(struct span));
}

/* Threads may be as deep as there are mails: no recursion. */
static void put_tree(struct writer *w, uint32_t node)
{
	put_thread(w, node);
	while (w->open.n && !w->out->err && !w->open.err) {
		struct span *s = (struct span *)(void *)(w->open.p + w->open.n - sizeof(*s));

		if (s->next < s->end) {
			put_thread(w, w->places[s->next++].node);
		} else {
			w->open.n -= sizeof(*s);
			buf_char(w->out, ')');
		}
	}
}

static enum err write_all(struct forest *f, imap_thread_number *number, void *ctx, struct buf *out)
{
	uint32_t n, top;
	struct place *places = put_in_order(f, &n, &top);
	struct writer w = { f, places, number, ctx, out, BUF_INIT(IMAP_MAX_THREAD_NODES * sizeof(struct span)) };
	enum err e;

	for (uint32_t i = top; i < n; i++) {
		if (i == top)
			buf_char(out, ' ');
		put_tree(&w, places[i].node);
	}
	e = buf_status(&w.open);
	buf_release(&w.open);
	free(places);
	return e ? e : buf_status(out);
}

static void by_subject(struct forest *f, struct str mails)
{
	while (mails.n && !f->err) {
		struct fact fact = take_fact(&mails);
		uint32_t node = node_new(f);

		if (!f->err)
			set_mail(&f->nodes[node], &fact);
		for (uint32_t i = 0; i < fact.refs; i++)
			(void)take_ref(&mails);
	}
	if (!f->err)
		thread_by_subject(f);
}

static void by_references(struct forest *f, struct str mails)
{
	while (mails.n && !f->err)
		add_mail(f, &mails);
	if (f->err)
		return;
	prune(f);
	merge_subjects(f);
}

enum err imap_thread_answer(enum imap_threading how, struct str mails, uint64_t steps, imap_thread_number *number,
			    void *ctx, struct buf *out)
{
	static void (*const threaders[])(struct forest * f, struct str mails) = {
		[IMAP_THREAD_ORDEREDSUBJECT] = by_subject,
		[IMAP_THREAD_REFERENCES] = by_references,
	};
	struct forest f = { .steps = steps };
	enum err e;

	_Static_assert(countof(threaders) == IMAP_THREADING_MAX_, "one for each");
	threaders[how](&f, mails);
	e = f.err ? f.err : write_all(&f, number, ctx, out);
	forest_release(&f);
	return e;
}
