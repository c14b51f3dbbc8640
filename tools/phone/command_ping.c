/* ping and watch: to be told of changes. */
#include "commands.h"

#include "fault.h"

#include <stdio.h>

static enum err ask(struct phone *p, struct folder **folders, size_t n, struct ping_reply *ret)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(PHONE_MAX_BODY_BYTES);
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct str *ids = arena_array(&a, n, sizeof(*ids));
	struct doc d = phone_doc(p);
	struct str bytes;

	if (!ids)
		return fault_err(&p->why, ERR_LIMIT, "too many folders");
	for (size_t i = 0; i < n; i++)
		ids[i] = str_of(folders[i]->id);
	if (!p->settings.empty)
		ping_ask(&body, p->settings.heartbeat_s, ids, n);
	TRY(phone_post(p, COMMAND_PING, &body, p->settings.heartbeat_s, &bytes));
	return ping_parse(&d, bytes, ret);
}

static bool was_asked(struct folder **folders, size_t n, struct str id)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(str_of(folders[i]->id), id))
			return true;
	return false;
}

/* MS-ASCMD 2.2.3.177.11: 5 names the nearest bound, which a phone adopts. */
enum err ping_once(struct phone *p, struct folder **folders, size_t n, struct ping_reply *ret)
{
	TRY(ask(p, folders, n, ret));
	if (ret->status == PING_HEARTBEAT_RANGE) {
		printf("the server's nearest heartbeat is %u s\n", ret->heartbeat_s);
		fflush(stdout);
		p->settings.heartbeat_s = ret->heartbeat_s;
		TRY(ask(p, folders, n, ret));
	}
	if (ret->status != PING_EXPIRED && ret->status != PING_CHANGED && ret->status != PING_HIERARCHY)
		return status_fault(p, "Ping", ret->status);
	for (const struct ping_folder *f = ret->folders; f && !p->settings.empty; f = f->next)
		if (!was_asked(folders, n, f->id))
			return fault(&p->why, "Ping names folder " STR_FMT ", which was not asked for", STR_ARG(f->id));
	return ERR_OK;
}

static void print_reply(const struct phone *p, const struct ping_reply *r)
{
	static const char *const texts[] = {
		[PING_EXPIRED] = "expired", [PING_CHANGED] = "changed:", [PING_HIERARCHY] = "folders changed"
	};

	printf("%s", texts[r->status]);
	for (const struct ping_folder *f = r->folders; f; f = f->next) {
		const struct folder *folder = state_folder(&p->state, f->id);

		printf(" %s", folder ? folder->name : "(unknown)");
	}
	putchar('\n');
	fflush(stdout);
}

enum err command_ping(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct folder **folders;
	struct ping_reply r;
	size_t n;

	TRY(folders_selected(p, &a, &folders, &n));
	do {
		TRY(ping_once(p, folders, n, &r));
		print_reply(p, &r);
	} while (r.status == PING_EXPIRED && !p->settings.once);
	return ERR_OK;
}

/* A wake: the folders are read again where they changed, and then what is in them. */
static enum err follow(struct phone *p, struct arena *a, struct folder ***folders, size_t *n, uint32_t status)
{
	if (status == PING_EXPIRED)
		return ERR_OK;
	if (status == PING_HIERARCHY) {
		TRY(command_folders(p));
		TRY(folders_selected(p, a, folders, n));
	}
	return sync_folders(p, *folders, *n, sync_print_new);
}

enum err command_watch(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct folder **folders;
	struct ping_reply r;
	size_t n;

	TRY(folders_selected(p, &a, &folders, &n));
	TRY(sync_folders(p, folders, n, NULL));
	for (uint32_t wakes = 0; p->settings.count == 0 || wakes < p->settings.count;
	     wakes += r.status != PING_EXPIRED) {
		printf("watching\n");
		fflush(stdout);
		TRY(ping_once(p, folders, n, &r));
		print_reply(p, &r);
		TRY(follow(p, &a, &folders, &n, r.status));
	}
	return ERR_OK;
}
