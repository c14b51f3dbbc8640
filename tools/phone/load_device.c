/* The life of one phone of the load. */
#include "load_device.h"

#include "fault.h"
#include "hierarchy.h"
#include "ping.h"
#include "provision.h"
#include "sync_reply.h"

#include <base/mem.h>

#include <stdlib.h>
#include <sys/epoll.h>

enum { RECEIVE_BYTES = 16 * 1024, ID_MAX_BYTES = 128, BODY_MAX_BYTES = 64 * 1024 };

enum step { STEP_ASK_POLICY, STEP_ACKNOWLEDGE, STEP_FOLDERS, STEP_BEGIN, STEP_SYNC, STEP_PING, STEP_MAX_ };

struct device {
	struct fleet *fleet;
	struct conn *conn;
	bool connected, has_held;
	enum step step;
	uint32_t policy_key, heartbeat_s;
	char *user, *id;
	struct buf inbox, key;
	struct buf out; /* what is left to send */
	struct reply reply;
};

/* What each step sends, and what it makes of the answer: the next step. */
typedef void put_body(const struct device *d, struct buf *out);
typedef enum err take_answer(struct device *d, struct doc *doc, struct str body, enum step *ret_next);

static struct doc doc_for(struct device *d)
{
	struct fleet *f = d->fleet;

	return (struct doc){ .version = f->settings->identity.version, .arena = &f->arena, .why = &f->why };
}

static void keep(struct buf *to, struct str s)
{
	buf_clear(to);
	buf_str(to, s);
}

static void put_ask_policy(const struct device *d, struct buf *out)
{
	provision_ask(out, d->fleet->settings->identity.version);
}

/* What a phone does about a status that asks for the policy: it provisions, and goes on where it was. */
static bool wants_policy(uint32_t status)
{
	return status >= 141 && status <= 144;
}

static enum err take_policy(struct device *d, struct doc *doc, struct str body, enum step *ret_next)
{
	struct provision_reply r;
	bool first = d->step == STEP_ASK_POLICY;

	TRY(provision_parse(doc, body, &r));
	TRY(provision_check(doc->why, &r, first, &d->policy_key));
	*ret_next = first ? STEP_ACKNOWLEDGE : STEP_FOLDERS;
	if (!first && d->has_held) /* a policy that has changed: that is what it was woken for */
		d->fleet->on_wake(d->fleet, d->fleet->now_us());
	return ERR_OK;
}

static void put_acknowledge(const struct device *d, struct buf *out)
{
	CLEANUP(buf_release) struct buf key = BUF_INIT(ID_MAX_BYTES);

	buf_u64(&key, d->policy_key);
	provision_acknowledge(out, buf_view(&key));
}

static void put_folders(const struct device *d, struct buf *out)
{
	(void)d;
	hierarchy_ask(out, S("0"));
}

static enum err take_folders(struct device *d, struct doc *doc, struct str body, enum step *ret_next)
{
	struct hierarchy_reply r;

	TRY(hierarchy_parse(doc, body, &r));
	if (wants_policy(r.status)) {
		d->policy_key = 0;
		*ret_next = STEP_ASK_POLICY;
		return ERR_OK;
	}
	for (const struct folder_change *c = r.changes; c; c = c->next)
		if (c->type == FOLDER_INBOX)
			keep(&d->inbox, c->id);
	if (r.status != 1 || d->inbox.n == 0)
		return fault(doc->why, "FolderSync status %u, %s inbox", r.status, d->inbox.n ? "an" : "no");
	*ret_next = d->has_held ? STEP_PING : STEP_BEGIN;
	if (!d->has_held)
		keep(&d->key, S("0"));
	return ERR_OK;
}

static void put_sync(const struct device *d, struct buf *out)
{
	struct sync_collection c = { .id = buf_view(&d->inbox), .key = buf_view(&d->key) };

	sync_ask(out, d->fleet->settings->identity.version, &d->fleet->settings->sync, &c, 1);
}

static enum err take_sync(struct device *d, struct doc *doc, struct str body, enum step *ret_next)
{
	const struct sync_collection_reply *c;
	struct sync_reply r;

	*ret_next = STEP_PING;
	if (body.n == 0)
		return ERR_OK;
	TRY(sync_parse(doc, body, NULL, 0, &r));
	if (wants_policy(r.status)) {
		d->policy_key = 0;
		*ret_next = STEP_ASK_POLICY;
		return ERR_OK;
	}
	c = r.collections;
	if ((r.status && r.status != SYNC_OK) || !c || c->status != SYNC_OK)
		return fault(doc->why, "Sync status %u, collection status %u", r.status, c ? c->status : 0);
	d->fleet->mails += c->commands.n;
	keep(&d->key, c->key);
	if (d->step == STEP_BEGIN || c->more)
		*ret_next = STEP_SYNC;
	return ERR_OK;
}

static void put_ping(const struct device *d, struct buf *out)
{
	struct str inbox = buf_view(&d->inbox);

	ping_ask(out, d->heartbeat_s, &inbox, 1);
}

static enum err take_ping(struct device *d, struct doc *doc, struct str body, enum step *ret_next)
{
	int64_t now = d->fleet->now_us();
	struct ping_reply r;

	TRY(ping_parse(doc, body, &r));
	*ret_next = r.status == PING_CHANGED ? STEP_SYNC : STEP_PING;
	switch (r.status) {
	case PING_CHANGED:
		d->fleet->on_wake(d->fleet, now);
		return ERR_OK;
	case PING_EXPIRED:
		return ERR_OK;
	case PING_HIERARCHY: /* that is how a Ping tells of a policy, too */
		*ret_next = STEP_FOLDERS;
		return ERR_OK;
	case PING_HEARTBEAT_RANGE:
		d->heartbeat_s = r.heartbeat_s;
		return ERR_OK;
	default:
		return fault(doc->why, "Ping status %u", r.status);
	}
}

static const struct {
	enum command command;
	put_body *put;
	take_answer *take;
} steps[] = {
	[STEP_ASK_POLICY] = { COMMAND_PROVISION, put_ask_policy, take_policy },
	[STEP_ACKNOWLEDGE] = { COMMAND_PROVISION, put_acknowledge, take_policy },
	[STEP_FOLDERS] = { COMMAND_FOLDER_SYNC, put_folders, take_folders },
	[STEP_BEGIN] = { COMMAND_SYNC, put_sync, take_sync },
	[STEP_SYNC] = { COMMAND_SYNC, put_sync, take_sync },
	[STEP_PING] = { COMMAND_PING, put_ping, take_ping },
};
_Static_assert(countof(steps) == STEP_MAX_, "a row a step");

static void begin_step(struct device *d, enum step step)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(BODY_MAX_BYTES);
	struct identity id = d->fleet->settings->identity;

	d->step = step;
	id.user = str_of(d->user);
	id.password = d->fleet->password;
	id.device_id = str_of(d->id);
	id.policy_key = d->policy_key;
	steps[step].put(d, &body);
	request_put(&d->out, &id, steps[step].command, buf_view(&body));
	if (body.err)
		d->out.err = body.err;
	reply_release(&d->reply);
	reply_init(&d->reply);
	d->fleet->requests++;
}

/* Registered once, edge-triggered: everything is done that can be done whenever anything is ready. */
static bool watch(struct device *d)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = d };

	return epoll_ctl(d->fleet->epoll, EPOLL_CTL_ADD, conn_fd(d->conn), &e) == 0;
}

static enum err connect_again(struct device *d, struct buf *why)
{
	conn_close(&d->conn);
	d->connected = false;
	d->conn = conn_open(&d->fleet->endpoint, why);
	if (!d->conn)
		return ERR_IO;
	return watch(d) ? ERR_OK : fault_err(why, ERR_IO, "epoll takes no more");
}

static char *user_of(const struct settings *s, uint32_t number)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(ID_MAX_BYTES * 8);
	struct str pattern = s->users ? str_of(s->users) : s->identity.user;
	size_t at = str_index(pattern, '%');

	buf_str(&b, str_slice(pattern, 0, at));
	if (at < pattern.n)
		buf_u64(&b, number % (s->users_n ? s->users_n : s->devices) + 1);
	buf_str(&b, str_slice(pattern, at + 1, pattern.n));
	return mem_cstr_n(b.p, b.n);
}

static char *id_of(uint32_t number)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(ID_MAX_BYTES);

	buf_fmt(&b, "ROOSTLOAD%06u", number);
	return mem_cstr_n(b.p, b.n);
}

struct device *device_new(struct fleet *f, uint32_t number, struct buf *why)
{
	struct device *d = mem_alloc(sizeof(*d));

	d->fleet = f;
	d->heartbeat_s = f->settings->heartbeat_s;
	d->user = user_of(f->settings, number);
	d->id = id_of(number);
	d->inbox = BUF_INIT(ID_MAX_BYTES);
	d->key = BUF_INIT(ID_MAX_BYTES);
	d->out = BUF_INIT(BODY_MAX_BYTES * 2);
	reply_init(&d->reply);
	begin_step(d, STEP_ASK_POLICY);
	if (connect_again(d, why))
		device_free(&d);
	return d;
}

void device_free(struct device **dp)
{
	struct device *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	conn_close(&d->conn);
	free(d->user);
	free(d->id);
	buf_release(&d->inbox);
	buf_release(&d->key);
	buf_release(&d->out);
	reply_release(&d->reply);
	free(d);
}

static enum err take_reply(struct device *d)
{
	struct fleet *f = d->fleet;
	struct doc doc = doc_for(d);
	enum step next;
	struct str body;

	if (d->reply.status == 449) {
		d->policy_key = 0;
		begin_step(d, STEP_ASK_POLICY);
		return ERR_OK;
	}
	if (d->reply.status != 200)
		return fault(&f->why, "%s: HTTP status %d", command_name(steps[d->step].command), d->reply.status);
	arena_reset(&f->arena);
	buf_clear(&f->unpacked);
	if (reply_body(&d->reply, &f->unpacked, &body))
		return fault(&f->why, "the response's Content-Encoding is wrong");
	TRY(steps[d->step].take(d, &doc, body, &next));
	if (buf_status(&d->key) || buf_status(&d->inbox))
		return fault(&f->why, "a key or an id is too long");
	if (!reply_keeps_open(&d->reply))
		TRY(connect_again(d, &f->why));
	begin_step(d, next);
	return ERR_OK;
}

static enum err gone(struct device *d)
{
	if (reply_end(&d->reply) == REPLY_DONE)
		return take_reply(d);
	conn_explain(d->conn, &d->fleet->why);
	return ERR_IO;
}

static enum err send_some(struct device *d, bool *ret_more)
{
	size_t sent;
	enum conn_event e = conn_send(d->conn, buf_view(&d->out), &sent);

	*ret_more = e == CONN_OK;
	if (e == CONN_READ || e == CONN_WRITE)
		return ERR_OK;
	if (e != CONN_OK)
		return gone(d);
	buf_consume(&d->out, sent);
	if (d->out.n)
		return ERR_OK;
	buf_release(&d->out);
	if (d->step == STEP_PING && !d->has_held) {
		d->has_held = true;
		d->fleet->on_held(d->fleet, d);
	}
	return ERR_OK;
}

static enum err receive_some(struct device *d, bool *ret_more)
{
	char room[RECEIVE_BYTES];
	size_t got, used;
	enum conn_event e = conn_receive(d->conn, room, sizeof(room), &got);
	enum reply_state state;

	*ret_more = e == CONN_OK;
	if (e == CONN_READ || e == CONN_WRITE)
		return ERR_OK;
	if (e != CONN_OK) {
		*ret_more = true;
		return gone(d);
	}
	state = reply_feed(&d->reply, str_from(room, got), &used);
	if (state == REPLY_BAD || used < got)
		return fault(&d->fleet->why, "not an HTTP response");
	return state == REPLY_DONE ? take_reply(d) : ERR_OK;
}

enum err device_ready(struct device *d)
{
	bool more = true;

	while (more) {
		if (!d->connected) {
			enum conn_event e = conn_handshake(d->conn);

			if (e == CONN_READ || e == CONN_WRITE)
				return ERR_OK;
			if (e != CONN_OK)
				return gone(d);
			d->connected = true;
		}
		if (d->out.err)
			return fault(&d->fleet->why, "the request grew too large");
		TRY(d->out.n ? send_some(d, &more) : receive_some(d, &more));
	}
	return ERR_OK;
}
