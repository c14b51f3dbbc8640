/*
 * Changes with what 2.5 shows of a mail. Its bodies are plain text or MIME. What is longer than fits into memory is cut
 * and says so: the version has no way to ask for more of it but GetAttachment, which gives attachments whole.
 */
#include <gateway/activesync/email_flat.h>

#include <base/utf8.h>
#include <gateway/activesync/attachment.h>
#include <gateway/activesync/attachment_ref.h>
#include <gateway/activesync/email_body.h>
#include <gateway/activesync/limits.h>
#include <gateway/content/body.h>
#include <gateway/mailbox/message.h>

enum { MIME_SMIME_ONLY = 1 };

struct form {
	enum body_type type;
	enum wbxml_tag truncated, size, data;
};
static const struct form plain = { BODY_PLAIN, TAG_EMAIL_BODYTRUNCATED, TAG_EMAIL_BODYSIZE, TAG_EMAIL_BODY };
static const struct form mime = { BODY_MIME, TAG_EMAIL_MIMETRUNCATED, TAG_EMAIL_MIMESIZE, TAG_EMAIL_MIMEDATA };

static const struct form *form_of(const struct eas_options *o, const struct message *m)
{
	bool wanted = o->mime_support == MIME_SMIME_ONLY ? m->summary.flags & MAIL_SMIME : o->mime_support;

	return wanted ? &mime : &plain;
}

static uint64_t max_of(const struct eas_options *o, const struct form *form)
{
	const struct body_preference *p = &o->body[BODY_PLAIN];
	uint32_t asked = p->asked ? p->truncation : BODY_NO_TRUNCATION;

	if (form == &mime)
		asked = eas_options_mime_truncation(o);
	return asked < EAS_MAX_FLAT_BODY_BYTES ? asked : EAS_MAX_FLAT_BODY_BYTES;
}

static void put(struct wbxml_writer *w, const struct form *form, bool truncated, uint64_t size, struct str data)
{
	wbxml_put_bool(w, form->truncated, truncated);
	wbxml_put_u64(w, form->size, size);
	/* Octets that no string can carry go as an opaque, so that a message arrives as it is. */
	if (form == &mime && !utf8_is_xml(data))
		wbxml_put_opaque(w, form->data, data);
	else
		wbxml_put_text(w, form->data, data);
}

enum err email_flat_body_put(struct wbxml_writer *w, const struct item_view *v, struct message *message)
{
	CLEANUP(buf_release) struct buf data = BUF_INIT(EAS_MAX_FLAT_BODY_BYTES);
	struct body_result result = { 0 };
	struct body_request request;
	const struct form *form;

	if (!message) {
		put(w, &plain, false, sizeof(EMAIL_UNREADABLE) - 1, S(EMAIL_UNREADABLE));
		return ERR_OK;
	}
	form = form_of(v->options, message);
	request = (struct body_request){ .type = form->type, .max_bytes = max_of(v->options, form) };
	TRY(body_render(v->arena, &message->source, &message->structure, 0, &request, body_sink_buf(&data), &result));
	put(w, form, result.truncated, result.estimated_bytes, buf_view(&data));
	return ERR_OK;
}

static enum err put_attachment(struct wbxml_writer *w, const struct item *item, const struct message *m,
			       const struct body_attachment *a)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(EAS_MAX_QUERY_BYTES);

	attachment_ref_put_place(&name, item, &m->structure, a->part, a->inner);
	TRY(buf_status(&name));
	wbxml_open(w, TAG_EMAIL_ATTACHMENT);
	wbxml_put_text(w, TAG_EMAIL_ATTNAME, buf_view(&name));
	wbxml_put_u64(w, TAG_EMAIL_ATTSIZE, a->size);
	if (a->content_id.n)
		wbxml_put_text(w, TAG_EMAIL_ATTOID, a->content_id);
	wbxml_put_u64(w, TAG_EMAIL_ATTMETHOD, a->method);
	wbxml_put_text(w, TAG_EMAIL_DISPLAYNAME, a->display_name);
	wbxml_close(w, TAG_EMAIL_ATTACHMENT);
	return ERR_OK;
}

enum err email_flat_attachments_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item,
				    struct message *message)
{
	struct body_attachment *list;
	size_t n;

	if (!message)
		return ERR_OK;
	TRY(eas_attachments(v->arena, item, message, &list, &n));
	if (n == 0)
		return ERR_OK;
	wbxml_open(w, TAG_EMAIL_ATTACHMENTS);
	for (size_t i = 0; i < n; i++)
		TRY(put_attachment(w, item, message, &list[i]));
	wbxml_close(w, TAG_EMAIL_ATTACHMENTS);
	return ERR_OK;
}
