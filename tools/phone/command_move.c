/* move and estimate. */
#include "commands.h"

#include "fault.h"
#include "move.h"

#include <stdio.h>

/* A ServerId is taken as the server gave it: what folder it is of, the phone knows by having it there. */
enum err message_folder(struct phone *p, struct str id, struct str *ret_folder)
{
	list_for_each (it, &p->state.folders) {
		const struct folder *f = list_entry(it, struct folder, at);
		struct mailbox m;
		enum err e = mailbox_open(&m, p->state.dir, str_of(f->id), &p->why);
		bool has = !e && mailbox_find(&m, id);

		mailbox_close(&m);
		TRY(e);
		*ret_folder = str_of(f->id);
		if (has)
			return ERR_OK;
	}
	return fault_err(&p->why, ERR_NOT_FOUND, "the phone has no message " STR_FMT, STR_ARG(id));
}

static enum err print_moves(struct phone *p, const struct move_reply *r, const struct move_item *items, size_t n)
{
	const struct move_result *m = r->results;
	bool refused = false;

	for (size_t i = 0; i < n; i++, m = m->next) {
		if (!m || !str_eq(m->id, items[i].id))
			return fault(&p->why, "MoveItems does not answer for " STR_FMT, STR_ARG(items[i].id));
		if (m->status == MOVE_DONE)
			printf(STR_FMT " is " STR_FMT "\n", STR_ARG(m->id), STR_ARG(m->moved));
		else
			printf(STR_FMT ": status %u\n", STR_ARG(m->id), m->status);
		refused |= m->status != MOVE_DONE;
	}
	if (m)
		return fault(&p->why, "MoveItems answers for " STR_FMT ", which was not asked", STR_ARG(m->id));
	return refused ? fault(&p->why, "not every message was moved") : ERR_OK;
}

/* The folder comes first, then the messages. What has moved the phone learns by its next sync of both folders. */
enum err command_move(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	const struct folder *to = state_folder_named(&p->state, str_of(p->settings.args[0]));
	size_t n = (size_t)p->settings.args_n - 1;
	struct move_item *items = arena_array(&a, n, sizeof(*items));
	struct doc d = phone_doc(p);
	struct move_reply r;
	struct str bytes;

	if (!to || !items)
		return fault_err(&p->why, ERR_NOT_FOUND, "no such folder: %s (run `folders` first?)",
				 p->settings.args[0]);
	for (size_t i = 0; i < n; i++) {
		items[i].id = str_of(p->settings.args[i + 1]);
		TRY(message_folder(p, items[i].id, &items[i].from));
	}
	move_ask(&ask, items, n, str_of(to->id));
	TRY(phone_post(p, COMMAND_MOVE_ITEMS, &ask, 0, &bytes));
	TRY(move_parse(&d, bytes, &r));
	return r.status ? status_fault(p, "MoveItems", r.status) : print_moves(p, &r, items, n);
}

static enum err estimate_folder(struct phone *p, const struct folder *f)
{
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	CLEANUP(mailbox_close) struct mailbox m = { 0 };
	struct doc d = phone_doc(p);
	struct sync_collection asked = { .id = str_of(f->id), .class = folder_class(f->type) };
	struct estimate_reply r;
	struct str bytes;

	TRY(mailbox_open(&m, p->state.dir, str_of(f->id), &p->why));
	asked.key = buf_view(&m.key);
	estimate_ask(&ask, p->identity.version, &asked, p->settings.sync.filter);
	TRY(phone_post(p, COMMAND_GET_ITEM_ESTIMATE, &ask, 0, &bytes));
	TRY(estimate_parse(&d, bytes, &r));
	if (r.status != 1)
		return status_fault(p, "GetItemEstimate", r.status);
	if (!r.has_collection || !str_eq(r.id, str_of(f->id)))
		return fault(&p->why, "the estimate is not of %s", f->name);
	printf("%s: %u\n", f->name, r.n);
	return ERR_OK;
}

enum err command_estimate(struct phone *p)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(PHONE_MAX_ARENA_BYTES);
	struct folder **folders;
	size_t n;

	TRY(folders_selected(p, &a, &folders, &n));
	for (size_t i = 0; i < n; i++)
		TRY(estimate_folder(p, folders[i]));
	return ERR_OK;
}
