#include "send.h"

static enum wbxml_tag root_of(enum command c)
{
	return c == COMMAND_SMART_REPLY     ? TAG_COMPOSEMAIL_SMARTREPLY
	       : c == COMMAND_SMART_FORWARD ? TAG_COMPOSEMAIL_SMARTFORWARD
					    : TAG_COMPOSEMAIL_SENDMAIL;
}

void send_ask_put(struct buf *out, const struct send_ask *ask)
{
	const enum wbxml_tag root = root_of(ask->command);
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, root);
	wbxml_put_text(&w, TAG_COMPOSEMAIL_CLIENTID, ask->client_id);
	if (ask->item.p) {
		wbxml_open(&w, TAG_COMPOSEMAIL_SOURCE);
		wbxml_put_text(&w, TAG_COMPOSEMAIL_FOLDERID, ask->folder);
		wbxml_put_text(&w, TAG_COMPOSEMAIL_ITEMID, ask->item);
		wbxml_close(&w, TAG_COMPOSEMAIL_SOURCE);
	}
	wbxml_empty(&w, TAG_COMPOSEMAIL_SAVEINSENTITEMS);
	wbxml_put_opaque(&w, TAG_COMPOSEMAIL_MIME, ask->mime);
	wbxml_close(&w, root);
	doc_finish(&w);
}

enum err send_parse(struct doc *d, struct str bytes, enum command command, uint32_t *ret_status)
{
	static const struct doc_rule rules[] = { { TAG_COMPOSEMAIL_STATUS, DOC_REQUIRED, doc_u32, 0 } };

	return doc_parse(d, bytes, root_of(command), rules, countof(rules), ret_status);
}
