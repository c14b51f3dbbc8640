#include "wipe.h"

#include "fault.h"
#include "mailbox.h"
#include "provision.h"

#include <stdio.h>

enum { WIPE_DONE = 1 };

void wipe_acknowledge(struct buf *out, bool account)
{
	enum wbxml_tag tag = account ? TAG_PROVISION_ACCOUNTONLYREMOTEWIPE : TAG_PROVISION_REMOTEWIPE;
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_PROVISION_PROVISION);
	wbxml_open(&w, tag);
	wbxml_put_u64(&w, TAG_PROVISION_STATUS, WIPE_DONE);
	wbxml_close(&w, tag);
	wbxml_close(&w, TAG_PROVISION_PROVISION);
	doc_finish(&w);
}

static enum err erase(struct phone *p)
{
	enum err e = ERR_OK;

	list_for_each (it, &p->state.folders) {
		struct folder *f = list_entry(it, struct folder, at);
		struct mailbox m;

		e = mailbox_open(&m, p->state.dir, str_of(f->id), &p->why);
		if (!e)
			e = mailbox_reset(&m, &p->why);
		mailbox_close(&m);
		if (e)
			return e;
	}
	state_forget_folders(&p->state);
	buf_clear(&p->state.hierarchy_key);
	buf_cstr(&p->state.hierarchy_key, "0");
	p->identity.policy_key = p->state.policy_key = 0;
	return state_save(&p->state, &p->why);
}

enum err wipe_obey(struct phone *p, bool account)
{
	CLEANUP(buf_release) struct buf body = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct doc d = phone_doc(p);
	struct provision_reply r = { 0 };
	struct str bytes;
	enum err e;

	wipe_acknowledge(&body, account);
	e = phone_post(p, COMMAND_PROVISION, &body, 0, &bytes);
	if (!e)
		e = provision_parse(&d, bytes, &r);
	TRY(erase(p));
	printf("wiped %s\n", account ? "the account" : "the phone");
	TRY(e);
	return r.status == WIPE_DONE ? ERR_OK : fault(&p->why, "the acknowledged wipe has status %u", r.status);
}
