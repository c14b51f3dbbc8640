/* What a phone holds, and what answers make of it. It believes nothing. */
#include "class_life.h"

#include <stdio.h>
#include <stdlib.h>

bool phone_is_16(const struct phone *p)
{
	return strncmp(p->version, "16", 2) == 0;
}

bool version_has_class(const char *version, enum class c)
{
	return c != NOTES || (version[0] == '1' && version[1] >= '4');
}

struct box *phone_box(struct phone *p, int64_t folder)
{
	for (size_t i = 0; i < p->boxes_n; i++)
		if (p->boxes[i].folder == folder)
			return &p->boxes[i];
	return NULL;
}

struct box *phone_box_of(struct phone *p, enum class c, size_t nth)
{
	for (size_t i = 0; i < p->boxes_n; i++)
		if (p->boxes[i].c == c && nth-- == 0)
			return &p->boxes[i];
	return NULL;
}

size_t phone_boxes_of(const struct phone *p, enum class c)
{
	size_t n = 0;

	for (size_t i = 0; i < p->boxes_n; i++)
		n += p->boxes[i].c == c;
	return n;
}

struct shown *box_find(struct box *b, const char *id)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->items[i].id, id) == 0)
			return &b->items[i];
	return NULL;
}

unsigned token_of(const char *xml)
{
	for (const char *at = strstr(xml, "T"); at; at = strstr(at + 1, "T")) {
		char *end;
		unsigned long n = strtoul(at + 1, &end, 10);

		if (end > at + 1 && *end == '.' && at[1] >= '0' && at[1] <= '9')
			return (unsigned)n;
	}
	return 0;
}

struct pending *box_pend(struct box *b, enum kind kind, const char *id)
{
	struct pending *c;

	for (size_t i = 0; i < b->pending_n; i++)
		if (strcmp(b->pending[i].id, id) == 0)
			return NULL;
	if (b->pending_n == PENDING_MAX)
		return NULL;
	c = &b->pending[b->pending_n++];
	memset(c, 0, sizeof(*c));
	c->kind = kind;
	snprintf(c->id, sizeof(c->id), "%s", id);
	return c;
}

bool cut(const struct life *l, const char **rest, const char *begin, const char *end, char *out, size_t max)
{
	const char *at = strstr(*rest, begin), *to = at ? strstr(at, end) : NULL;
	size_t n;

	if (!to)
		return false;
	at += strlen(begin);
	n = (size_t)(to - at);
	must(l, n < max, "an answer too long for this test: %zu", n);
	memcpy(out, at, n);
	out[n] = '\0';
	*rest = to + strlen(end);
	return true;
}

static void drop(struct box *b, const char *id)
{
	struct shown *s = box_find(b, id);

	if (s)
		*s = b->items[--b->n];
}

static void forget_pending(struct box *b, const char *id)
{
	for (size_t i = 0; i < b->pending_n; i++)
		if (strcmp(b->pending[i].id, id) == 0) {
			b->pending[i] = b->pending[--b->pending_n];
			return;
		}
}

void phone_gives_up(struct box *b, const struct asked *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->went[i].kind == DELETE && !a->went[i].instance[0]) {
			drop(b, a->went[i].id);
			forget_pending(b, a->went[i].id);
		}
}

static unsigned number_of(const char *digits)
{
	uint64_t n;

	assert_ok(str_to_u64(str_of(digits), UINT32_MAX, &n));
	return (unsigned)n;
}

static struct shown *put(struct life *l, struct box *b, const char *id)
{
	struct shown *s = box_find(b, id);

	if (s)
		return s;
	must(l, b->n < ITEMS_MAX, "too many entries");
	s = &b->items[b->n++];
	memset(s, 0, sizeof(*s));
	snprintf(s->id, sizeof(s->id), "%s", id);
	return s;
}

/* ---- Responses ---- */

static void take_added(struct phone *p, struct box *b, const struct pending *c, unsigned status, const char *id)
{
	struct life *l = p->l;
	struct shown *s;

	if (status == 6 && (b->looks || b->looked)) /* it is to send it no more */
		return;
	must(l, status == 1 && id[0], "phone %s: its Add is answered with %u: %s", p->version, status, c->xml);
	must(l, !box_find(b, id), "phone %s: its Add made %s, which it has", p->version, id);
	s = put(l, b, id);
	s->said = true;
	snprintf(s->xml, sizeof(s->xml), "%s", c->xml);
	if (l->fates[token_of(c->xml)] == UNKNOWN)
		l->fates[token_of(c->xml)] = THERE;
}

/* Of one command that went: what its Response, or none, says. */
static void take_result(struct phone *p, struct box *b, const struct pending *c, unsigned status, const char *id)
{
	struct shown *s = box_find(b, c->id);
	unsigned token;

	if (c->kind == ADD) {
		take_added(p, b, c, status, id);
		return;
	}
	must(p->l, status == 1 || status == 7 || status == 8 || (status == 6 && c->instance[0]),
	     "phone %s: its command on %s is answered with %u: %s", p->version, c->id, status, c->xml);
	if (!s || c->kind == FETCH)
		return;
	token = token_of(s->xml);
	if (c->kind == DELETE && status == 1 && !c->instance[0]) {
		p->l->fates[token] = GONE;
		drop(b, c->id);
	} else if (c->kind == CHANGE && status == 1 && !c->instance[0] && token_of(c->xml)) {
		s->said = true;
		snprintf(s->xml, sizeof(s->xml), "%s", c->xml);
	} else if (status == 1) {
		s->said = true; /* and otherwise in a part */
		snprintf(s->xml, sizeof(s->xml), "T%u.", token);
	} else if (status == 7) {
		s->owed = true;
		s->refused = c->kind == DELETE && (b->looks || b->looked);
	}
}

static const char *const response_names[] = { "Add", "Change", "Delete", "Fetch" };

/* The Response to a command; false: there is none. */
static bool find_response(const struct life *l, const char *responses, const struct pending *c, char *one, size_t max)
{
	char open[16], close[16], wanted[80];

	snprintf(open, sizeof(open), "<%s>", response_names[c->kind]);
	snprintf(close, sizeof(close), "</%s>", response_names[c->kind]);
	snprintf(wanted, sizeof(wanted), c->kind == ADD ? "<ClientId>%s</ClientId>" : "<ServerId>%s</ServerId>", c->id);
	while (cut(l, &responses, open, close, one, max))
		if (strstr(one, wanted))
			return true;
	return false;
}

static void take_responses(struct phone *p, struct box *b, const char *responses, const struct asked *a)
{
	static char one[2 * XML_MAX];

	for (size_t i = 0; i < a->n; i++) {
		const struct pending *c = &a->went[i];
		bool found = find_response(p->l, responses, c, one, sizeof(one));
		char id[40] = "", status[8] = "1";
		const char *at = one;

		must(p->l, found || c->kind == CHANGE || c->kind == DELETE, "phone %s: no answer to %s %s", p->version,
		     response_names[c->kind], c->id);
		if (found)
			cut(p->l, &at, "<Status>", "</Status>", status, sizeof(status));
		at = one;
		if (found && c->kind == ADD)
			cut(p->l, &at, "<ServerId>", "</ServerId>", id, sizeof(id));
		note(p->l, "  %s %s %s: %s %s\n", response_names[c->kind], c->id, c->instance, status, id);
		if (found && c->kind == FETCH && status[0] == '1' && box_find(b, c->id))
			must(p->l, token_of(one) == token_of(box_find(b, c->id)->xml),
			     "phone %s: Fetch of %s brings another one: %s", p->version, c->id, one);
		p->l->lent_changes += status[0] == '1' && lent_is_mount(p->l, b->folder);
		p->l->lent_refusals += b->looks && status[0] != '1';
		take_result(p, b, c, number_of(status), id);
		forget_pending(b, c->id);
	}
}

/* ---- Commands ---- */

static void take_shown(struct phone *p, struct box *b, const char *id, const char *command)
{
	static char xml[XML_MAX];
	const char *at = command;
	struct shown *s;

	must(p->l, cut(p->l, &at, "<ApplicationData>", "</ApplicationData>", xml, sizeof(xml)), "no ApplicationData");
	s = put(p->l, b, id);
	s->said = s->owed = s->refused = false;
	memcpy(s->xml, xml, sizeof(xml));
	if (rnd_percent(&p->l->rnd, 50)) /* the server's stands, or the user's */
		forget_pending(b, id);
}

/* A Delete and an Add of one item stand for one piece of news. */
static size_t take_commands(struct phone *p, struct box *b, const char *rest)
{
	static const char *const kinds[] = { "Add", "Change", "Delete", "SoftDelete" };
	static char one[2 * XML_MAX];
	char id[40], gone[40] = "";
	struct life *l = p->l;
	size_t n = 0;

	while (rest[0] == '<') {
		char open[20], close[20];
		const char *at = one;
		struct shown *s;
		unsigned k = 0;

		for (; k < countof(kinds); k++) {
			snprintf(open, sizeof(open), "<%s>", kinds[k]);
			if (strncmp(rest, open, strlen(open)) == 0)
				break;
		}
		must(l, k < countof(kinds), "phone %s: a command that is none: %.40s", p->version, rest);
		snprintf(close, sizeof(close), "</%s>", kinds[k]);
		must(l, cut(l, &rest, open, close, one, sizeof(one)), "a command without an end");
		must(l, cut(l, &at, "<ServerId>", "</ServerId>", id, sizeof(id)), "a command without ServerId");
		s = box_find(b, id);
		note(l, "  told: %s %s\n", kinds[k], id);
		must(l, k != 0 || !s || s->refused, "phone %s: Add of %s, which it has: %s", p->version, id, one);
		must(l, k != 1 || s, "phone %s: Change of %s, which it has not", p->version, id);
		must(l, k != 3 || s, "phone %s: SoftDelete of %s, which it has not", p->version, id);
		n += k != 0 || strcmp(gone, id) != 0;
		snprintf(gone, sizeof(gone), "%s", k == 2 ? id : "");
		if (k < 2) {
			take_shown(p, b, id, one);
			continue;
		}
		drop(b, id);
		forget_pending(b, id);
	}
	return n;
}

/* ---- Sync ---- */

static size_t take_collection(struct phone *p, const struct asked *a, const char *xml)
{
	static char part[400000];
	struct box *b = phone_box(p, a->folder);
	char key[KEY_BYTES], status[8] = "";
	const char *at = xml;
	size_t told = 0;

	must(p->l, cut(p->l, &at, "<SyncKey>", "</SyncKey>", key, sizeof(key)), "phone %s: no key: %s", p->version,
	     xml);
	at = xml;
	cut(p->l, &at, "<Status>", "</Status>", status, sizeof(status));
	if (strcmp(status, "12") == 0) {
		p->stale = true;
		return 0;
	}
	/* What a phone shows that has lost the answer to a change of what it may only look into is not known. */
	if (strcmp(status, "3") == 0 && (b->looked || (b->looks && a->n))) {
		note(p->l, "  it is to begin again\n");
		memcpy(b->key, "0", 2);
		return 0;
	}
	must(p->l, strcmp(status, "1") == 0, "phone %s: Status %s for %lld: %s", p->version, status,
	     (long long)a->folder, xml);
	if (strcmp(a->key, "0") == 0) {
		b->n = b->pending_n = 0;
		b->looked = false;
	}
	at = xml;
	part[0] = '\0';
	cut(p->l, &at, "<Responses>", "</Responses>", part, sizeof(part));
	take_responses(p, b, part, a);
	at = xml;
	if (cut(p->l, &at, "<Commands>", "</Commands>", part, sizeof(part)))
		told = take_commands(p, b, part);
	/* What it may not change comes back in that very answer, all of it. */
	must(p->l, told <= a->window || (told <= a->n && (b->looks || b->looked)),
	     "phone %s: %zu news and a window of %u", p->version, told, a->window);
	must(p->l, told == 0 || strcmp(key, a->key) != 0, "phone %s: news and the key is the same", p->version);
	b->more = strstr(xml, "<MoreAvailable") != NULL;
	memcpy(b->key, key, sizeof(key));
	return told;
}

size_t phone_take_sync(struct phone *p, const struct eas_reply *r, const struct asked *asked, size_t n)
{
	static char one[500000];
	size_t told = 0, found = 0;
	const char *xml = "";

	if (r->body.n)
		assert_ok(arena_cstr(&p->l->f.arena, r->xml, &xml));
	if (strstr(xml, "<Sync xmlns=\"AirSync\"><Status>12</Status></Sync>")) {
		p->stale = true;
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		struct box *b = phone_box(p, asked[i].folder);
		const char *rest = xml;
		char name[60];
		bool has = false;

		snprintf(name, sizeof(name), "<CollectionId>%lld</CollectionId>", (long long)asked[i].folder);
		while (!has && cut(p->l, &rest, "<Collection>", "</Collection>", one, sizeof(one)))
			has = strstr(one, name) != NULL;
		found += has;
		if (!b) /* it has gone while the request waited */
			continue;
		must(p->l, has || asked[i].n == 0, "phone %s: no answer for %lld: %s", p->version,
		     (long long)asked[i].folder, xml);
		b->lost = false;
		if (has)
			told += take_collection(p, &asked[i], one);
		else
			b->more = false;
	}
	must(p->l, found || !r->body.n, "phone %s: an answer to nothing: %s", p->version, xml);
	return told;
}

/* ---- folders ---- */

static enum class class_of_type(unsigned type) {
	switch (type){
		/* MS-ASCMD 2.2.3.186.3 */
		case 8 : case 13 : return CALENDAR; case 9 : case 14 : return CONTACTS; case 7 : case 15 : return TASKS;
		case 10 : case 17 : return NOTES;
		default : return MAIL;
	}
}

static void add_box(struct phone *p, int64_t id, unsigned type, const char *name)
{
	struct box *b = &p->boxes[p->boxes_n++];

	must(p->l, p->boxes_n < BOXES_MAX, "too many folders");
	memset(b, 0, sizeof(*b));
	b->folder = id;
	b->c = class_of_type(type);
	snprintf(b->name, sizeof(b->name), "%s", name);
	memcpy(b->key, "0", 2);
}

static bool is_shown(unsigned type)
{
	return type == 2 || class_of_type(type) != MAIL; /* of mail the Inbox alone */
}

static bool take_folder(struct phone *p, const char *kind, const char *one)
{
	char id[20], name[40] = "", type[8] = "0";
	const char *at = one;
	struct box *b;

	must(p->l, cut(p->l, &at, "<ServerId>", "</ServerId>", id, sizeof(id)), "a folder without ServerId");
	at = one;
	cut(p->l, &at, "<DisplayName>", "</DisplayName>", name, sizeof(name));
	at = one;
	cut(p->l, &at, "<Type>", "</Type>", type, sizeof(type));
	b = phone_box(p, (int64_t)number_of(id));
	note(p->l, "  folder %s %s\n", id, kind);
	if (kind[0] == 'D') {
		if (b) /* of one that it has not it may be told, too */
			*b = p->boxes[--p->boxes_n];
		return true;
	}
	if (!is_shown(number_of(type)))
		return false;
	must(p->l, (b != NULL) == (kind[0] == 'U'), "phone %s: %s of folder %s, which it has%s", p->version, kind, id,
	     b ? "" : " not");
	if (b)
		snprintf(b->name, sizeof(b->name), "%.31s", name);
	else
		add_box(p, (int64_t)number_of(id), number_of(type), name);
	return true;
}

bool phone_take_folders(struct phone *p, const struct eas_reply *r)
{
	static const char *const kinds[] = { "Delete", "Update", "Add" };
	char key[KEY_BYTES], open[16], close[16], one[1000];
	bool news = false;
	const char *xml, *at;

	assert_ok(arena_cstr(&p->l->f.arena, r->xml, &xml));
	at = xml;
	must(p->l, strstr(xml, "<Status>1</Status>") && cut(p->l, &at, "<SyncKey>", "</SyncKey>", key, sizeof(key)),
	     "phone %s: FolderSync: %s", p->version, xml);
	if (strcmp(p->hierarchy_key, "0") == 0)
		p->boxes_n = 0;
	for (size_t k = 0; k < countof(kinds); k++) {
		snprintf(open, sizeof(open), "<%s>", kinds[k]);
		snprintf(close, sizeof(close), "</%s>", kinds[k]);
		for (at = xml; cut(p->l, &at, open, close, one, sizeof(one)); news = true)
			take_folder(p, kinds[k], one);
	}
	must(p->l, !news || strcmp(key, p->hierarchy_key) != 0, "phone %s: folders and the key is the same",
	     p->version);
	memcpy(p->hierarchy_key, key, sizeof(key));
	p->stale = false;
	return news;
}

void phone_take_folder_act(struct phone *p, const struct eas_reply *r)
{
	const struct folder_wish wish = p->folder_wish;
	char key[KEY_BYTES] = "", id[20] = "", status[8] = "";
	const char *xml, *at;
	struct box *b = phone_box(p, wish.id);

	assert_ok(arena_cstr(&p->l->f.arena, r->xml, &xml));
	at = xml;
	cut(p->l, &at, "<Status>", "</Status>", status, sizeof(status));
	note(p->l, "  %s\n", xml);
	p->folder_wish.act = FOLDER_ACT_NONE;
	/* Somebody else had the name, or took the folder away. */
	must(p->l,
	     strcmp(status, "1") == 0 || strcmp(status, "2") == 0 || strcmp(status, "4") == 0 ||
		     (strcmp(status, "3") == 0 && wish.act == FOLDER_ACT_DELETE && lent_is_mount(p->l, wish.id)),
	     "phone %s: a folder command is answered with %s", p->version, xml);
	if (status[0] != '1')
		return;
	at = xml;
	must(p->l, cut(p->l, &at, "<SyncKey>", "</SyncKey>", key, sizeof(key)), "no key: %s", xml);
	memcpy(p->hierarchy_key, key, sizeof(key));
	at = xml;
	if (wish.act == FOLDER_ACT_CREATE) {
		must(p->l, cut(p->l, &at, "<ServerId>", "</ServerId>", id, sizeof(id)), "no id: %s", xml);
		must(p->l, !phone_box(p, (int64_t)number_of(id)), "phone %s: its folder is one it has: %s", p->version,
		     xml);
		add_box(p, (int64_t)number_of(id), wish.type, wish.name);
	} else if (wish.act == FOLDER_ACT_DELETE && b) {
		*b = p->boxes[--p->boxes_n];
	} else if (b) {
		snprintf(b->name, sizeof(b->name), "%s", wish.name);
	}
}

/* ---- MoveItems ---- */

static void take_move(struct phone *p, const struct moving *m, const char *one)
{
	struct box *from = phone_box(p, m->from), *to = phone_box(p, m->to);
	char status[8] = "", id[40] = "";
	const char *at = one;
	struct shown *s, moved;

	cut(p->l, &at, "<Status>", "</Status>", status, sizeof(status));
	note(p->l, "  %s to %lld: %s\n", m->id, (long long)m->to, one);
	must(p->l, status[0] >= '1' && status[0] <= '3', "phone %s: MoveItems says %s", p->version, one);
	at = one;
	must(p->l, status[0] != '3' || cut(p->l, &at, "<DstMsgId>", "</DstMsgId>", id, sizeof(id)),
	     "a move without its target: %s", one);
	must(p->l, status[0] != '3' || !(lent_is_mount(p->l, m->from) || lent_is_mount(p->l, m->to)),
	     "phone %s: %s went to %lld, out of what is lent or into it", p->version, m->id, (long long)m->to);
	s = from ? box_find(from, m->id) : NULL;
	if (status[0] != '3' || !s)
		return;
	moved = *s;
	drop(from, m->id);
	forget_pending(from, m->id);
	if (!p->remaps || !to || strcmp(to->key, "0") == 0 || box_find(to, id))
		return;
	s = put(p->l, to, id);
	memcpy(s->xml, moved.xml, sizeof(s->xml));
	s->said = true;
}

void phone_take_moves(struct phone *p, const struct eas_reply *r)
{
	const char *xml, *rest;
	char one[1000], source[60];

	assert_ok(arena_cstr(&p->l->f.arena, r->xml, &xml));
	rest = xml;
	for (size_t i = 0; i < p->moves_n; i++) {
		must(p->l, cut(p->l, &rest, "<Response>", "</Response>", one, sizeof(one)), "MoveItems: %s", xml);
		snprintf(source, sizeof(source), "<SrcMsgId>%s</SrcMsgId>", p->moves[i].id);
		must(p->l, strstr(one, source), "the answer to another move: %s", xml);
		take_move(p, &p->moves[i], one);
	}
	p->moves_n = 0;
}
