/* A phone's requests, over connections that break where they are told to. */
#include "class_life.h"

#include <stdio.h>

enum { HEARTBEAT_S = 600 };

void phone_init(struct phone *p, struct life *l, const char *version, const char *login, const char *device)
{
	memset(p, 0, sizeof(*p));
	p->l = l;
	p->version = version;
	p->login = login;
	snprintf(p->device, sizeof(p->device), "%s", device);
	memcpy(p->hierarchy_key, "0", 2);
	p->held = eas_phone_new(l->f.server.port);
	p->held.version = version;
	p->held.login = login;
	p->held.device_id = p->device;
}

void phone_release(struct phone *p)
{
	p->waiting = WAITING_NOT;
	eas_phone_release(&p->held);
}

static const char *const loss_names[LOSS_MAX_] = { "", ", never arrives", ", cut before", ", cut at half", ", lost" };

/* The answer that comes, or what the loss leaves of it; false: nothing. */
static bool receive(struct phone *p, struct eas_phone *http, enum loss loss, struct eas_reply *ret)
{
	struct answer a = { 0 };
	uint64_t length = 0;

	must(p->l, eas_phone_has_answer(http, CLIENT_DEADLINE_MS), "phone %s: no answer comes", p->version);
	if (loss == LOSS_NONE) {
		*ret = eas_phone_receive(http);
		must(p->l, ret->status == 200, "phone %s: HTTP %d", p->version, ret->status);
		return true;
	}
	p->l->lost++;
	if (loss == LOSS_HALF && client_read_until(&http->client, S("\r\n\r\n"))) {
		a.body_at = str_find(buf_view(&http->client.in), S("\r\n\r\n")) + 4;
		if (str_to_u64(client_header(&http->client, &a, "Content-Length"), INT32_MAX, &length))
			length = 0;
		client_read(&http->client, a.body_at + length / 2);
	} else if (loss == LOSS_AFTER) {
		client_answer(&http->client);
	}
	eas_phone_hang_up(http);
	return false;
}

static bool ask(struct phone *p, const char *command, struct str body, enum loss loss, struct eas_reply *ret)
{
	struct eas_phone *http = &p->l->f.phone;
	bool answered;

	note(p->l, "phone %s %s: %s%s\n", p->device, p->version, command, loss_names[loss]);
	http->version = p->version;
	http->login = p->login;
	http->device_id = p->device;
	if (loss == LOSS_REQUEST) { /* it ends within its body */
		struct eas_phone broken = p->held;

		broken.client = (struct client){ .fd = -1 };
		eas_phone_begin_late(&broken, command, body);
		eas_phone_hang_up(&broken);
		return false;
	}
	eas_phone_send(http, command, body);
	answered = receive(p, http, loss, ret);
	life_settle(p->l);
	return answered;
}

/* ---- Sync ---- */

static char *command_of(struct fixture *f, const struct pending *c)
{
	static const char *const tags[] = { "47 4C", "48 4D", "49 4D", "4A 4D" };
	const char *instance = c->instance[0] ? commands(f, "00 11 6D 03 '%s' 00 01 00 00 ", c->instance) : "";
	const char *data = c->xml[0] ? commands(f, "5D %s 01 ", elements(f, c->xml)) : "";

	return commands(f, "%s 03 '%s' 00 01 %s%s01 ", tags[c->kind], c->id, instance, data);
}

/* Of one folder; pending commands as chance has it. */
static char *collection(struct phone *p, struct box *b, const struct sync_how *how, struct asked *ret)
{
	struct fixture *f = &p->l->f;
	struct rnd *rnd = &p->l->rnd;
	bool begins = strcmp(b->key, "0") == 0;
	const char *supported = "", *said = "", *options = "57 5B 03 '1' 00 01 01";

	ret->folder = b->folder;
	memcpy(ret->key, b->key, sizeof(ret->key));
	ret->window = how->window;
	ret->n = 0;
	for (size_t i = 0; i < b->pending_n && !begins && !how->quiet; i++)
		if (b->pending_n < 3 || rnd_percent(rnd, 80)) {
			const struct pending *c = &b->pending[i];

			note(p->l, "  says %u %s %s %s\n", c->kind, c->id, c->instance, c->xml);
			ret->went[ret->n++] = *c;
			said = commands(f, "%s%s", said, command_of(f, c));
		}
	if (!how->quiet && rnd_percent(rnd, 30))
		options = "57 5B 03 '0' 00 01 01";
	if (begins && p->ghosts && b->c == CONTACTS)
		supported = commands(f, "60 %s 01",
				     elements(f, "<Contacts:FirstName/><Contacts:LastName/><Contacts:JobTitle/>"));
	note(p->l, "  folder %lld key %s window %u, %zu commands\n", (long long)b->folder, b->key, how->window, ret->n);
	return commands(f, "4F 4B 03 '%s' 00 01 52 03 '%lld' 00 01 %s 55 03 '%u' 00 01 %s %s 01", b->key,
			(long long)b->folder, supported, how->window, options,
			ret->n ? commands(f, "56 %s 01", said) : "");
}

/* What was asked and not answered may have been done. */
static void note_unheard(struct phone *p, struct box *b, const struct asked *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->went[i].kind == DELETE && !a->went[i].instance[0] && box_find(b, a->went[i].id))
			p->l->fates[token_of(box_find(b, a->went[i].id)->xml)] = UNCERTAIN;
}

/* Given up before the next one was asked, and read behind it: from its head on, or as a whole. */
struct given_up {
	struct eas_phone http;
	struct str body;
	bool begun;
};

static void give_up(struct phone *p, struct box *b, const struct sync_how *how, struct given_up *g)
{
	static struct asked a;

	g->http = eas_phone_new(p->l->f.server.port);
	g->http.version = p->version;
	g->http.login = p->login;
	g->http.device_id = p->device;
	g->body = doc(&p->l->f, HEAD "45 5C %s 01 01", collection(p, b, how, &a));
	note_unheard(p, b, &a);
	g->begun = rnd_percent(&p->l->rnd, 50);
	if (g->begun)
		eas_phone_begin_late(&g->http, "Sync", g->body);
}

static void arrive_late(struct phone *p, struct given_up *g)
{
	note(p->l, "  and what it had given up is read %s\n", g->begun ? "to its end" : "now");
	if (g->begun)
		eas_phone_end_late(&g->http, g->body);
	else
		eas_phone_ask(&g->http, "Sync", g->body);
	eas_phone_release(&g->http);
	p->l->crossed++;
	life_settle(p->l);
}

/* Who may only look has changed nothing. */
static void check_untouched(struct phone *p, const struct box *b, const struct lent *lent, uint64_t before)
{
	must(p->l, lent_digest(p->l, lent) == before,
	     "phone %s: folder %lld, into which it may look, was changed by it", p->version, (long long)b->folder);
}

static int ask_sync(struct phone *p, struct box *b, struct sync_how how)
{
	struct given_up former = { 0 };
	static struct asked a;
	struct eas_reply r;
	struct str body;
	bool answered;
	int told = -1;

	if (how.crosses)
		give_up(p, b, &how, &former);
	body = doc(&p->l->f, HEAD "45 5C %s 01 01", collection(p, b, &how, &a));
	answered = ask(p, "Sync", body, how.loss, &r);
	if (!answered && how.loss != LOSS_REQUEST) {
		b->lost = true;
		b->looked |= b->looks;
		note_unheard(p, b, &a);
		if (b->looks && rnd_percent(&p->l->rnd, 40))
			phone_gives_up(b, &a);
	}
	if (answered)
		told = (int)phone_take_sync(p, &r, &a, 1);
	if (how.crosses) {
		arrive_late(p, &former);
		b->lost = true; /* which answer it has the server learns by its next request, and may tell it again */
		b->looked |= b->looks;
	}
	return told;
}

int phone_sync(struct phone *p, struct box *b, struct sync_how how)
{
	const struct lent *lent = strcmp(p->login, "ann@example.test") == 0 ? lent_behind(p->l, b->folder) : NULL;
	uint64_t before;
	int told;

	if (p->waiting == WAITING_SYNC)
		phone_hang_up(p);
	p->l->syncs++;
	b->looks = lent && lent->how != LENT_TO_EDIT;
	before = b->looks ? lent_digest(p->l, lent) : 0;
	told = ask_sync(p, b, how);
	if (b->looks)
		check_untouched(p, b, lent, before);
	return told;
}

void phone_fetch(struct phone *p, struct box *b, const struct shown *s)
{
	struct eas_reply r;
	const char *xml;

	if (p->version[0] == '2') /* it comes with 12.0 */
		return;
	ask(p, "ItemOperations",
	    doc(&p->l->f,
		HEAD "00 14 45 46 47 03 'Mailbox' 00 01 00 00 52 03 '%lld' 00 01 4D 03 '%s' 00 01 00 14 01 01",
		(long long)b->folder, s->id),
	    LOSS_NONE, &r);
	assert_ok(arena_cstr(&p->l->f.arena, r.xml, &xml));
	/* MS-ASCMD 2.2.3.177.8: 6 is no such item */
	must(p->l, strstr(xml, "<Status>6</Status>") || !token_of(s->xml) || token_of(xml) == token_of(s->xml),
	     "phone %s: %s is fetched as %s", p->version, s->id, xml);
}

/* ---- folders, moves, answers ---- */

bool phone_foldersync(struct phone *p, enum loss loss)
{
	struct eas_reply r;

	if (!ask(p, "FolderSync", doc(&p->l->f, HEAD "00 07 56 52 03 '%s' 00 01 01", p->hierarchy_key), loss, &r))
		return false;
	phone_take_folders(p, &r);
	return true;
}

bool phone_folder_act(struct phone *p, enum loss loss)
{
	static const char *const names[] = { "", "FolderCreate", "FolderUpdate", "FolderDelete" };
	const struct folder_wish *w = &p->folder_wish;
	struct fixture *f = &p->l->f;
	const char *id = commands(f, "48 03 '%lld' 00 01 ", (long long)w->id), *name, *body;
	struct eas_reply r;

	name = commands(f, "49 03 '0' 00 01 47 03 '%s' 00 01 ", w->name);
	if (w->act == FOLDER_ACT_CREATE)
		body = commands(f, "53 52 03 '%s' 00 01 %s 4A 03 '%u' 00 01 01", p->hierarchy_key, name, w->type);
	else if (w->act == FOLDER_ACT_UPDATE)
		body = commands(f, "55 52 03 '%s' 00 01 %s%s 01", p->hierarchy_key, id, name);
	else
		body = commands(f, "54 52 03 '%s' 00 01 %s 01", p->hierarchy_key, id);
	note(p->l, "phone %s: folder %lld %s\n", p->device, (long long)w->id, w->name);
	if (w->act == FOLDER_ACT_DELETE && loss != LOSS_REQUEST)
		folder_ends(p->l, p->l->f.ann.mailbox, w->id);
	if (!ask(p, names[w->act], doc(f, HEAD "00 07 %s", body), loss, &r))
		return false;
	phone_take_folder_act(p, &r);
	return true;
}

bool phone_move(struct phone *p, enum loss loss)
{
	struct fixture *f = &p->l->f;
	const char *all = "";
	struct eas_reply r;

	if (p->moves_n == 0)
		return true;
	for (size_t i = 0; i < p->moves_n; i++) {
		const struct moving *m = &p->moves[i];

		note(p->l, "  drags %s to %lld\n", m->id, (long long)m->to);
		all = commands(f, "%s46 47 03 '%s' 00 01 48 03 '%lld' 00 01 49 03 '%lld' 00 01 01 ", all, m->id,
			       (long long)m->from, (long long)m->to);
	}
	p->l->moves++;
	if (!ask(p, "MoveItems", doc(f, HEAD "00 05 45 %s 01", all), loss, &r))
		return false;
	phone_take_moves(p, &r);
	return true;
}

bool phone_answer(struct phone *p, enum loss loss)
{
	const struct meeting_wish *w = &p->meeting_wish;
	struct fixture *f = &p->l->f;
	const char *instance = w->one ? "4E 03 '2026-02-05T09:00:00.000Z' 00 01 " : "";
	struct eas_reply r;
	unsigned status;
	uint64_t n = 0;

	note(p->l, "  says %u to %s\n", w->answer, w->id);
	p->l->answers++;
	if (!ask(p, "MeetingResponse",
		 doc(f, HEAD "00 08 47 49 4C 03 '%u' 00 01 46 03 '%lld' 00 01 48 03 '%s' 00 01 %s%s 01 01", w->answer,
		     (long long)w->folder, w->id, instance, phone_is_16(p) ? "12 " : ""),
		 loss, &r))
		return false;
	assert_ok(str_to_u64(eas_reply_text(&r, "Status", 0), 200, &n));
	status = (unsigned)n;
	note(p->l, "  answered: %u\n", status);
	/* It may be called off, gone, the owner's own, or no series. */
	must(p->l, status == 1 || status == 2 || status == 104 || status == 146, "phone %s: MeetingResponse says %u",
	     p->version, status);
	p->meeting_wish.answer = 0;
	return true;
}

/* ---- what waits ---- */

bool phone_is_answered(struct phone *p)
{
	return eas_phone_has_answer(&p->held, 0);
}

static bool all_are_seen_to(void *arg)
{
	struct life *l = arg;
	size_t waiting = 0, answered = 0;

	for (size_t i = 0; i < countof(l->phones); i++)
		if (l->phones[i].waiting) {
			waiting++;
			answered += phone_is_answered(&l->phones[i]);
		}
	return answered + http_server_counts(l->f.server.http).held == waiting;
}

/* A request that goes through the loop and back comes behind all that was committed before. */
void life_settle(struct life *l)
{
	for (size_t i = 0; i < countof(l->phones); i++)
		if (l->phones[i].waiting) {
			eas_phone_send_to(&l->f.phone, "OPTIONS", EAS_HTTP_PATH, STR_EMPTY);
			assert_int_equal(eas_phone_receive(&l->f.phone).status, 200);
			break;
		}
	client_await(all_are_seen_to, l, "requests that wait are answered or held");
}

void phone_hang_up(struct phone *p)
{
	if (!p->waiting)
		return;
	note(p->l, "phone %s: gives up what waits\n", p->device);
	for (size_t i = 0; i < p->asked_n && p->waiting == WAITING_SYNC && phone_is_answered(p); i++)
		if (phone_box(p, p->asked[i]))
			phone_box(p, p->asked[i])->lost = true;
	eas_phone_hang_up(&p->held);
	p->waiting = WAITING_NOT;
	life_settle(p->l);
}

static bool is_at_rest(const struct box *b)
{
	return strcmp(b->key, "0") != 0 && !b->lost && !b->more;
}

/* A Ping that waits has nothing to tell: then a Sync has neither. */
static void check_silence(struct phone *p)
{
	for (size_t i = 0; i < p->asked_n; i++) {
		struct box *b = phone_box(p, p->asked[i]);

		if (b && is_at_rest(b))
			must(p->l, phone_sync(p, b, (struct sync_how){ .window = 50, .quiet = true }) == 0,
			     "phone %s: a Ping waits and there is news of %lld", p->version, (long long)b->folder);
	}
}

void phone_checks_wait(struct phone *p)
{
	if (p->waiting == WAITING_PING && !phone_is_answered(p))
		check_silence(p);
}

static struct str waiting_document(struct phone *p)
{
	struct fixture *f = &p->l->f;
	static struct asked a;
	const char *all = "";

	for (size_t i = 0; i < p->asked_n; i++)
		if (p->waiting == WAITING_PING)
			all = commands(f, "%s4A 4B 03 '%lld' 00 01 4C 03 'Email' 00 01 01 ", all,
				       (long long)p->asked[i]);
		else
			all = commands(f, "%s%s ", all,
				       collection(p, phone_box(p, p->asked[i]),
						  &(struct sync_how){ .window = 50, .quiet = true }, &a));
	if (p->waiting == WAITING_PING)
		return doc(f, HEAD "00 0D 45 48 03 '%u' 00 01 49 %s 01 01", HEARTBEAT_S, all);
	if (strcmp(p->version, "12.1") == 0)
		return doc(f, HEAD "45 5C %s 01 64 03 '10' 00 01 01", all); /* Wait, in minutes */
	return doc(f, HEAD "45 5C %s 01 69 03 '%u' 00 01 01", all, HEARTBEAT_S);
}

void phone_wait(struct phone *p, enum waiting how)
{
	bool checks = how == WAITING_PING && rnd_percent(&p->l->rnd, 40);

	phone_hang_up(p);
	p->asked_n = 0;
	for (size_t i = 0; i < p->boxes_n; i++)
		if (strcmp(p->boxes[i].key, "0") != 0 && p->boxes[i].pending_n == 0)
			p->asked[p->asked_n++] = p->boxes[i].folder;
	if (p->asked_n == 0)
		return;
	note(p->l, "phone %s: waits, by %s\n", p->device, how == WAITING_PING ? "Ping" : "Sync");
	p->waiting = how;
	p->l->waits++;
	eas_phone_send(&p->held, how == WAITING_PING ? "Ping" : "Sync", waiting_document(p));
	life_settle(p->l);
	if (phone_is_answered(p))
		phone_take_held(p, LOSS_NONE);
	else if (checks)
		check_silence(p);
}

void phone_take_held(struct phone *p, enum loss loss)
{
	enum waiting waiting = p->waiting;
	static struct asked asked[BOXES_MAX];
	struct eas_reply r;

	p->waiting = WAITING_NOT;
	note(p->l, "phone %s: what it waited for comes%s\n", p->device, loss_names[loss]);
	for (size_t i = 0; i < p->asked_n; i++) {
		struct box *b = phone_box(p, p->asked[i]);

		asked[i].folder = p->asked[i];
		asked[i].window = 50;
		asked[i].n = 0;
		if (b)
			memcpy(asked[i].key, b->key, sizeof(b->key));
		if (b && loss)
			b->lost = true;
	}
	if (receive(p, &p->held, loss, &r) && waiting == WAITING_SYNC)
		phone_take_sync(p, &r, asked, p->asked_n);
	else if (!loss)
		must(p->l, str_find(r.xml, S("<Status>2<")) < r.xml.n || str_find(r.xml, S("<Status>7<")) < r.xml.n,
		     "phone %s: Ping says " STR_FMT, p->version, STR_ARG(r.xml));
	arena_reset(&p->held.arena);
}
