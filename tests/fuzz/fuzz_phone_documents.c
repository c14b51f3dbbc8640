/*
 * The phone's reading of a server's documents: any bytes as any response of any version. What is refused says why, what
 * is taken does not, and has what its reader promises.
 */
#include <tools/phone/fault.h>
#include <tools/phone/hierarchy.h>
#include <tools/phone/meeting.h>
#include <tools/phone/operations.h>
#include <tools/phone/ping.h>
#include <tools/phone/provision.h>
#include <tools/phone/sync_reply.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ARENA_BYTES = 1024 * 1024 };

static enum err read_provision(struct doc *d, struct str bytes)
{
	struct provision_reply r;

	return provision_parse(d, bytes, &r);
}

static enum err read_hierarchy(struct doc *d, struct str bytes)
{
	struct hierarchy_reply r;
	enum err e = hierarchy_parse(d, bytes, &r);

	for (const struct folder_change *c = r.changes; !e && c; c = c->next)
		if (c->id.n == 0)
			abort();
	return e;
}

static enum err read_ping(struct doc *d, struct str bytes)
{
	struct ping_reply r;
	enum err e = ping_parse(d, bytes, &r);

	if (!e && (r.folders != NULL) != (r.status == PING_CHANGED))
		abort();
	return e;
}

static void check_list(const struct sync_list *list, bool ids)
{
	uint32_t n = 0;

	for (const struct sync_item *item = list->first; item; item = item->next, n++)
		if (ids && item->server_id.n == 0)
			abort();
	if (n != list->n)
		abort();
}

static enum err read_sync(struct doc *d, struct str bytes)
{
	struct sync_reply r;
	enum err e = sync_parse(d, bytes, NULL, 0, &r);
	struct sync_collection asked = { .id = r.collections ? r.collections->id : STR_EMPTY };

	for (asked.class = CLASS_CALENDAR; e && asked.class < CLASS_MAX_; asked.class ++) {
		buf_clear(d->why);
		e = sync_parse(d, bytes, &asked, 1, &r);
	}

	for (const struct sync_collection_reply *c = r.collections; !e && c; c = c->next) {
		check_list(&c->commands, true);
		check_list(&c->responses, false);
	}
	return e;
}

static enum err read_fetch(struct doc *d, struct str bytes)
{
	struct fetch_reply r;

	return fetch_parse(d, bytes, &r);
}

static enum err read_meeting(struct doc *d, struct str bytes)
{
	struct meeting_reply r;

	return meeting_parse(d, bytes, &r);
}

static enum err read_settings(struct doc *d, struct str bytes)
{
	struct settings_reply r;

	return settings_read(d, bytes, &r);
}

/* Parts lie in the response; the first is a document. */
static enum err read_parts(struct doc *d, struct str bytes)
{
	struct str part;

	for (uint32_t i = 1; i < 4; i++) {
		CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);

		if (parts_get(&why, bytes, i, &part) == ERR_OK &&
		    (part.p < bytes.p || part.p + part.n > bytes.p + bytes.n))
			abort();
	}
	TRY(parts_get(d->why, bytes, 0, &part));
	return read_fetch(d, part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static enum err (*const readers[])(struct doc * d, struct str bytes) = {
		read_provision, read_hierarchy, read_ping,  read_sync,
		read_fetch,     read_settings,  read_parts, read_meeting,
	};

	for (size_t i = 0; i < countof(readers); i++) {
		for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
			CLEANUP(buf_release) struct buf why = BUF_INIT(FAULT_MAX_TEXT);
			CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
			struct doc d = { .version = v, .arena = &a, .why = &why };
			enum err e = readers[i](&d, str_from(data, n));

			if ((e != ERR_OK) != (why.n > 0))
				abort();
		}
	}
	return 0;
}
