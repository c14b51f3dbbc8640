/*
 * Choice and writing of a mail's body.
 *
 * MIME goes where the phone asks for it (Type 4) and allows it (MIMESupport); else the mail's own format if the phone
 * takes that, else HTML, else plain text. What would have to be cut, and the phone wants whole or not at all
 * (AllOrNone), is passed over for the next form.
 */
#include <gateway/activesync/email_body.h>

#include <base/utf8.h>
#include <gateway/activesync/insert.h>
#include <gateway/activesync/limits.h>
#include <gateway/activesync/multipart.h>
#include <gateway/content/body.h>

enum {
	MAX_FORMS = 3,
	MIME_NEVER = 0,
	MIME_SMIME_ONLY = 1,
};

struct form {
	enum body_type type;
	uint64_t max_bytes;
	bool whole_only;
	unsigned preview;
};

static bool wants_mime(const struct eas_options *o, const struct message *m)
{
	bool only_mime = !o->body[BODY_PLAIN].asked && !o->body[BODY_HTML].asked;

	if (!o->body[BODY_MIME].asked)
		return false;
	if (o->mime_support == MIME_SMIME_ONLY)
		return m->summary.flags & MAIL_SMIME;
	/* Type 4 and nothing else, without MIMESupport: some phones mean it (the default is "never"). */
	return o->mime_support != MIME_NEVER || only_mime;
}

static struct form form_of(const struct eas_options *o, enum body_type type)
{
	const struct body_preference *p = &o->body[type];
	uint64_t max = p->asked && p->truncation != BODY_NO_TRUNCATION ? p->truncation : UINT64_MAX;
	uint32_t mime_max = eas_options_mime_truncation(o);
	bool whole_only;

	if (type == BODY_MIME && mime_max != BODY_NO_TRUNCATION && mime_max < max)
		max = mime_max;
	/* MS-ASAIRS R75: AllOrNone has a meaning only beside a TruncationSize. */
	whole_only = p->all_or_none && max != UINT64_MAX;
	if (type != BODY_MIME && max > EAS_MAX_TEXT_BODY_BYTES)
		max = EAS_MAX_TEXT_BODY_BYTES;
	return (struct form){ .type = type, .max_bytes = max, .whole_only = whole_only, .preview = p->preview };
}

/* The forms to try, the best first; at least one. */
static size_t choose(const struct item_view *v, const struct message *m, struct form forms[MAX_FORMS])
{
	const struct eas_options *o = v->options;
	enum body_type native = body_native(v->arena, &m->structure);
	enum body_type other = native == BODY_HTML ? BODY_PLAIN : BODY_HTML;
	size_t n = 0;

	if (wants_mime(o, m))
		forms[n++] = form_of(o, BODY_MIME);
	if (o->body[native].asked)
		forms[n++] = form_of(o, native);
	if (o->body[other].asked)
		forms[n++] = form_of(o, other);
	if (n == 0) /* nothing asked, or only what mail has not (RTF) */
		forms[n++] = form_of(o, native);
	return n;
}

static void put_data(struct wbxml_writer *w, const struct item_view *v, const struct form *f, struct str data)
{
	if (v->parts) { /* MS-ASCMD_R3631 */
		buf_str(&v->parts->octets, data);
		wbxml_put_u64(w, TAG_ITEMOPERATIONS_PART, eas_parts_close(v->parts));
		return;
	}
	/* Octets that no string can carry go as an opaque, so that a message arrives as it is. */
	if (f->type == BODY_MIME && !utf8_is_xml(data))
		wbxml_put_opaque(w, TAG_AIRSYNCBASE_DATA, data);
	else
		wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, data);
}

/* ---- large MIME: inserted from its blob ---- */

static uint64_t mime_bytes(const struct form *f, const struct message *m)
{
	return m->source.size < f->max_bytes ? m->source.size : f->max_bytes;
}

/* What becomes a part is copied, so that its length is known. */
static bool is_insert(const struct item_view *v, const struct form *f, const struct message *m)
{
	return !v->parts && f->type == BODY_MIME && mime_bytes(f, m) > EAS_MIN_INSERT_BYTES;
}

/* The first n octets of the message, a piece at a time; no piece but the last ends within a character. */
static enum err is_text(const struct message *m, uint64_t n, bool *ret)
{
	*ret = true;
	for (uint64_t off = 0; off < n && *ret;) {
		char octets[MAIL_SOURCE_CHUNK];
		struct str piece = str_from(octets, n - off < sizeof(octets) ? (size_t)(n - off) : sizeof(octets));

		TRY(mail_source_read(&m->source, off, octets, piece.n));
		if (off + piece.n < n)
			piece = utf8_prefix(piece, piece.n - 1);
		*ret = piece.n && utf8_is_xml(piece);
		off += piece.n;
	}
	return ERR_OK;
}

static enum err put_insert(struct wbxml_writer *w, const struct item_view *v, struct message *m, uint64_t n)
{
	bool text;

	TRY(is_text(m, n, &text));
	if (text) {
		wbxml_text_begin(w, TAG_AIRSYNCBASE_DATA);
		eas_inserts_add(v->inserts, w->out->n, &m->blob, n);
		wbxml_text_end(w, TAG_AIRSYNCBASE_DATA);
	} else {
		wbxml_open_opaque(w, TAG_AIRSYNCBASE_DATA, (size_t)n);
		eas_inserts_add(v->inserts, w->out->n, &m->blob, n);
		wbxml_close(w, TAG_AIRSYNCBASE_DATA);
	}
	return ERR_OK;
}

/* ---- the element ---- */

static enum err put_form(struct wbxml_writer *w, const struct item_view *v, const struct form *f, struct message *m,
			 const struct body_result *result, struct str data)
{
	bool cut = result->truncated, bare = cut && f->whole_only;

	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, f->type);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, result->estimated_bytes);
	if (cut) /* Windows Phone takes no <Truncated>0</Truncated> */
		wbxml_put_bool(w, TAG_AIRSYNCBASE_TRUNCATED, true);
	if (is_insert(v, f, m) && !bare)
		TRY(put_insert(w, v, m, mime_bytes(f, m)));
	else if (data.n && !bare)
		put_data(w, v, f, data);
	/* MS-ASAIRS R1001036: plain text is its own preview. */
	if (f->preview && wbxml_tag_in(TAG_AIRSYNCBASE_PREVIEW, v->version) &&
	    !(f->type == BODY_PLAIN && data.n && !bare))
		wbxml_put_text(w, TAG_AIRSYNCBASE_PREVIEW, result->preview);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
	return ERR_OK;
}

static enum err render_insert(const struct item_view *v, const struct message *m, const struct form *f,
			      struct body_result *ret)
{
	*ret = (struct body_result){ .estimated_bytes = m->source.size, .truncated = f->max_bytes < m->source.size };
	return f->preview ? body_preview(v->arena, &m->source, &m->structure, 0, f->preview, &ret->preview) : ERR_OK;
}

static enum err render(const struct item_view *v, const struct message *m, const struct form *f, struct buf *data,
		       struct body_result *ret)
{
	const struct body_request request = { .type = f->type, .max_bytes = f->max_bytes, .preview_chars = f->preview };

	buf_clear(data);
	if (is_insert(v, f, m))
		return render_insert(v, m, f, ret);
	return body_render(v->arena, &m->source, &m->structure, 0, &request, body_sink_buf(data), ret);
}

static bool any_asked(const struct body_preference list[BODY_TYPES])
{
	for (size_t i = 0; i < BODY_TYPES; i++)
		if (list[i].asked)
			return true;
	return false;
}

/* MS-ASCON_R245 to R248: who asks for a part alone gets the part alone. */
static bool is_part_alone(const struct eas_options *o)
{
	return any_asked(o->part) && !any_asked(o->body);
}

enum err email_body_put(struct wbxml_writer *w, const struct item_view *v, struct message *m)
{
	CLEANUP(buf_release) struct buf data = BUF_INIT(v->parts ? EAS_MAX_FETCH_BYTES : EAS_MAX_TEXT_BODY_BYTES);
	struct body_result result = { 0 };
	struct form forms[MAX_FORMS];
	size_t n = choose(v, m, forms), at = 0;

	if (is_part_alone(v->options))
		return ERR_OK;
	TRY(render(v, m, &forms[at], &data, &result));
	while (result.truncated && forms[at].whole_only && at + 1 < n)
		TRY(render(v, m, &forms[++at], &data, &result));
	return put_form(w, v, &forms[at], m, &result, buf_view(&data));
}

/* ---- the part ---- */

enum { PART_DONE = 1, PART_TOO_LARGE = 176 }; /* MS-ASAIRS 2.2.2.37 */

static struct form part_form_of(const struct eas_options *o, enum body_type type)
{
	const struct body_preference *p = &o->part[type];
	uint64_t max = p->truncation != BODY_NO_TRUNCATION ? p->truncation : UINT64_MAX;

	return (struct form){ .type = type,
			      .whole_only = p->all_or_none && max != UINT64_MAX, /* MS-ASAIRS R60 */
			      .max_bytes = max < EAS_MAX_TEXT_BODY_BYTES ? max : EAS_MAX_TEXT_BODY_BYTES,
			      .preview = p->preview };
}

/* The mail's own format before the other one (R62). */
static size_t choose_part(const struct item_view *v, const struct message *m, struct form forms[MAX_FORMS])
{
	enum body_type native = body_native(v->arena, &m->structure);
	enum body_type other = native == BODY_HTML ? BODY_PLAIN : BODY_HTML;
	size_t n = 0;

	if (v->options->part[native].asked)
		forms[n++] = part_form_of(v->options, native);
	if (v->options->part[other].asked)
		forms[n++] = part_form_of(v->options, other);
	return n;
}

static void put_part(struct wbxml_writer *w, const struct form *f, const struct body_result *result, struct str data)
{
	const bool bare = result->truncated && f->whole_only; /* R63: not cut, so not at all */

	wbxml_open(w, TAG_AIRSYNCBASE_BODYPART);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_STATUS, bare ? PART_TOO_LARGE : PART_DONE);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, f->type);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, result->estimated_bytes);
	if (result->truncated)
		wbxml_put_bool(w, TAG_AIRSYNCBASE_TRUNCATED, true);
	if (data.n && !bare)
		wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, data);
	if (f->preview)
		wbxml_put_text(w, TAG_AIRSYNCBASE_PREVIEW, result->preview);
	wbxml_close(w, TAG_AIRSYNCBASE_BODYPART);
}

enum err email_body_part_put(struct wbxml_writer *w, const struct item_view *v, struct message *m)
{
	CLEANUP(buf_release) struct buf data = BUF_INIT(EAS_MAX_TEXT_BODY_BYTES);
	struct body_result result = { 0 };
	struct form forms[MAX_FORMS];
	size_t n = choose_part(v, m, forms), at = 0;

	if (n == 0)
		return ERR_OK;
	TRY(render(v, m, &forms[at], &data, &result));
	while (result.truncated && forms[at].whole_only && at + 1 < n)
		TRY(render(v, m, &forms[++at], &data, &result));
	put_part(w, &forms[at], &result, buf_view(&data));
	return ERR_OK;
}

void email_body_put_unreadable(struct wbxml_writer *w, const struct item_view *v)
{
	/* In a form that the phone asked for, the plain one first. */
	static const struct {
		enum body_type type;
		struct str text;
	} forms[] = {
		{ BODY_PLAIN, STR_INIT(EMAIL_UNREADABLE "\r\n") },
		{ BODY_HTML, STR_INIT("<p>" EMAIL_UNREADABLE "</p>\r\n") },
		{ BODY_MIME, STR_INIT("Subject: " EMAIL_UNREADABLE "\r\n\r\n" EMAIL_UNREADABLE "\r\n") },
	};
	size_t at = 0;

	for (size_t i = countof(forms); i-- > 0;)
		if (v->options->body[forms[i].type].asked)
			at = i;
	wbxml_open(w, TAG_AIRSYNCBASE_BODY);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_TYPE, forms[at].type);
	wbxml_put_u64(w, TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, forms[at].text.n);
	wbxml_put_text(w, TAG_AIRSYNCBASE_DATA, forms[at].text);
	wbxml_close(w, TAG_AIRSYNCBASE_BODY);
}
