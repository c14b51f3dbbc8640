/* fetch and settings. */
#include "commands.h"

#include "fault.h"
#include "files.h"
#include "operations.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 256 * 1024 * 1024 };

/* The octets of a message as the phone has them; none where they are not MIME, or were cut short. */
static enum err read_own(struct phone *p, struct str folder, struct str id, struct buf *to)
{
	CLEANUP(buf_release) struct buf path = BUF_INIT(1024);
	CLEANUP(mailbox_close) struct mailbox m = { 0 };
	const struct message *msg;

	TRY(mailbox_open(&m, p->state.dir, folder, &p->why));
	msg = mailbox_find(&m, id);
	if (!msg || msg->truncated || p->settings.sync.body != BODY_MIME || !str_ends(str_of(msg->file), S(".eml")))
		return ERR_OK;
	buf_fmt(&path, "%s%c", msg->file, '\0');
	return files_read(m.dir, path.p, to, &p->why);
}

static enum err octets_of(struct phone *p, const struct fetch_result *f, struct str whole, struct str *ret)
{
	const struct item_body *b = &f->mail.body;

	if (!b->present || b->truncated)
		return fault(&p->why, "message " STR_FMT " is not fetched whole", STR_ARG(f->id));
	if (!p->identity.accepts_parts) {
		*ret = b->data;
		return b->part ? fault(&p->why, "a Part in an answer that has no parts") : ERR_OK;
	}
	if (b->has_data || !b->part)
		return fault(&p->why, "message " STR_FMT " does not stand in a part", STR_ARG(f->id));
	return parts_get(&p->why, whole, b->part, ret);
}

static enum err take_result(struct phone *p, const struct fetch_result *f, const struct fetch_item *asked,
			    struct str whole)
{
	CLEANUP(buf_release) struct buf own = BUF_INIT(FILE_MAX_BYTES);
	struct str octets;

	if (f->status != 1)
		return status_fault(p, "ItemOperations Fetch", f->status);
	if (!str_eq(f->id, asked->id))
		return fault(&p->why, "ItemOperations does not answer for " STR_FMT, STR_ARG(asked->id));
	TRY(octets_of(p, f, whole, &octets));
	TRY(read_own(p, asked->folder, asked->id, &own));
	if (own.n && !str_eq(buf_view(&own), octets))
		return fault(&p->why, "message " STR_FMT " is fetched with other octets than it was synced with",
			     STR_ARG(f->id));
	printf(STR_FMT ": %zu bytes\n", STR_ARG(f->id), octets.n);
	return ERR_OK;
}

enum err command_fetch(struct phone *p)
{
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct fetch_item items[FETCH_MAX_ITEMS];
	size_t n = (size_t)p->settings.args_n, i = 0;
	struct doc d = phone_doc(p);
	struct fetch_reply r;
	struct str bytes, document;

	for (size_t k = 0; k < n; k++) {
		items[k].id = str_of(p->settings.args[k]);
		TRY(message_folder(p, items[k].id, &items[k].folder));
	}
	fetch_ask(&ask, &p->settings.sync, items, n);
	TRY(phone_post(p, COMMAND_ITEM_OPERATIONS, &ask, 0, &bytes));
	document = bytes;
	if (p->identity.accepts_parts)
		TRY(parts_get(&p->why, bytes, 0, &document));
	TRY(fetch_parse(&d, document, &r));
	if (r.status != 1)
		return status_fault(p, "ItemOperations", r.status);
	for (const struct fetch_result *f = r.results; f; f = f->next)
		TRY(i < n ? take_result(p, f, &items[i++], bytes) : fault(&p->why, "more answers than requests"));
	return i == n ? ERR_OK : fault(&p->why, "%zu of %zu messages are answered for", i, n);
}

enum err command_settings(struct phone *p)
{
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct doc d = phone_doc(p);
	struct settings_reply r;
	struct str bytes;

	settings_ask(&ask);
	TRY(phone_post(p, COMMAND_SETTINGS, &ask, 0, &bytes));
	TRY(settings_read(&d, bytes, &r));
	if (r.status != 1 || r.device_status != 1 || r.user_status != 1)
		return fault(&p->why, "Settings status %u, DeviceInformation %u, UserInformation %u", r.status,
			     r.device_status, r.user_status);
	if (r.address.n == 0)
		return fault(&p->why, "the user has no address");
	printf("address " STR_FMT "\n", STR_ARG(r.address));
	return ERR_OK;
}
