/* Attachments of events: as they are shown, and what is answered to who adds them. */
#include <gateway/activesync/event.h>

#include <base/utf8.h>
#include <gateway/activesync/attachment.h>
#include <gateway/activesync/attachment_parse.h>
#include <gateway/activesync/attachment_ref.h>
#include <gateway/mailbox/event.h>
#include <store/item_part.h>

enum err event_put_attachment(struct wbxml_writer *w, const struct item *item, const struct cal_attachment *is,
			      struct str client_id)
{
	CLEANUP(buf_release) struct buf reference = BUF_INIT(ATTACHMENT_REF_MAX);
	const struct body_attachment shown = { .display_name = is->name,
					       .content_id = is->content_id,
					       .is_inline = is->is_inline,
					       .method = ATTACHMENT_NORMAL,
					       .size = is->size };

	attachment_ref_put_stored(&reference, item, is->id);
	TRY(buf_status(&reference));
	eas_attachment_put(w, &shown, buf_view(&reference), client_id);
	return ERR_OK;
}

/* ---- answers ---- */

static enum err read_said(const struct item_answer *asked, struct eas_attachments_said *ret)
{
	struct wbxml_reader r = asked->data;
	struct wbxml_scope scope = wbxml_enter(&r);
	enum err bad = ERR_OK;

	while (wbxml_child(&r, &scope, &bad))
		TRY(r.tag == TAG_AIRSYNCBASE_ATTACHMENTS ? eas_attachments_parse(asked->arena, &r, ret)
							 : wbxml_skip(&r));
	return bad;
}

/* MS-ASAIRS R1325: each with the ClientId that it came with. What is gone again is not told. */
static enum err put_added(struct wbxml_writer *w, const struct item_answer *asked, const struct item *item,
			  const struct eas_attachments_said *said)
{
	bool open = false;

	for (size_t i = 0; i < said->added_n; i++) {
		const struct compose_part *part = &said->added[i].part;
		struct cal_attachment is = { .name = part->name,
					     .content_id = part->content_id,
					     .is_inline = part->is_inline,
					     .size = part->bytes.n };
		struct str type;
		int64_t blob;
		enum err e;

		TRY(event_part_id(asked->arena, part->name, part->bytes, &is.id));
		e = item_part_get(asked->arena, asked->tx, item->id, is.id, &type, &blob);
		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		if (!open)
			wbxml_open(w, TAG_AIRSYNCBASE_ATTACHMENTS);
		open = true;
		TRY(event_put_attachment(w, item, &is, said->added[i].client_id));
	}
	if (open)
		wbxml_close(w, TAG_AIRSYNCBASE_ATTACHMENTS);
	return ERR_OK;
}

static enum err put_uid(struct wbxml_writer *w, const struct item_answer *asked)
{
	struct item_summary kept;

	TRY(item_summary_get(asked->arena, asked->tx, asked->item, &kept));
	if (kept.structure.n)
		wbxml_put_text(w, TAG_CALENDAR_UID, utf8_prefix(kept.structure, EVENT_MAX_UID_CHARS));
	return ERR_OK;
}

enum err event_answer(struct wbxml_writer *w, const struct item_answer *asked)
{
	struct eas_attachments_said said = { 0 };
	const struct wbxml_mark start = wbxml_mark(w);
	struct wbxml_mark inside;
	struct item item;

	if (asked->version < EAS_16_0)
		return ERR_OK;
	TRY(item_find(asked->arena, asked->tx, asked->item, &item));
	item.folder = asked->collection;
	TRY(read_said(asked, &said));
	wbxml_open(w, TAG_AIRSYNC_APPLICATIONDATA);
	inside = wbxml_mark(w);
	if (asked->is_new)
		TRY(put_uid(w, asked));
	TRY(put_added(w, asked, &item, &said));
	if (wbxml_mark(w).n == inside.n) {
		wbxml_rewind(w, start);
		return ERR_OK;
	}
	wbxml_close(w, TAG_AIRSYNC_APPLICATIONDATA);
	return buf_status(w->out);
}
