#include <gateway/activesync/settings_oof.h>

#include <gateway/activesync/time_text.h>
#include <gateway/mailbox/oof_text.h>

static const enum wbxml_tag audiences[] = {
	[OOF_INTERNAL] = TAG_SETTINGS_APPLIESTOINTERNAL,
	[OOF_EXTERNAL_KNOWN] = TAG_SETTINGS_APPLIESTOEXTERNALKNOWN,
	[OOF_EXTERNAL_UNKNOWN] = TAG_SETTINGS_APPLIESTOEXTERNALUNKNOWN,
};
_Static_assert(countof(audiences) == OOF_AUDIENCE_MAX_, "an element for every audience");

/* ---- the request ---- */

/* "Text" or "HTML". False: neither. */
static bool is_body_type(struct str text, bool *ret_html)
{
	*ret_html = str_ieq(text, S("HTML"));
	return *ret_html || str_ieq(text, S("TEXT"));
}

enum err settings_oof_parse_get(struct wbxml_reader *r, struct settings_oof *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct str type = S("Text"); /* MS-ASCMD_R824 wants one; some phones send none */
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		e = r->tag == TAG_SETTINGS_BODYTYPE ? wbxml_text(r, &type) : wbxml_skip(r);
	if (!e && !is_body_type(type, &ret->asks_html))
		ret->invalid = true;
	return e;
}

static enum err parse_time(struct wbxml_reader *r, struct settings_oof *s, bool *has, int64_t *ret_ms)
{
	struct str text;

	TRY(wbxml_text(r, &text));
	*has = true;
	if (time_text_parse(text, ret_ms))
		s->invalid = true;
	return ERR_OK;
}

static int audience_of(unsigned tag)
{
	for (int i = 0; i < OOF_AUDIENCE_MAX_; i++)
		if (audiences[i] == tag)
			return i;
	return OOF_AUDIENCE_MAX_;
}

static enum err parse_message(struct wbxml_reader *r, struct settings_oof *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct oof_message m = { 0 };
	int audience = OOF_AUDIENCE_MAX_;
	struct str type = STR_EMPTY;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		int named = audience_of(r->tag);

		if (r->tag == TAG_SETTINGS_ENABLED) {
			e = wbxml_bool(r, &m.enabled);
		} else if (r->tag == TAG_SETTINGS_REPLYMESSAGE) {
			e = wbxml_text(r, &m.reply);
		} else if (r->tag == TAG_SETTINGS_BODYTYPE) {
			e = wbxml_text(r, &type);
		} else {
			s->malformed |= named < OOF_AUDIENCE_MAX_ && audience < OOF_AUDIENCE_MAX_; /* R3517 */
			audience = named < OOF_AUDIENCE_MAX_ ? named : audience;
			e = wbxml_skip(r);
		}
	}
	TRY(e);
	if (audience == OOF_AUDIENCE_MAX_ || s->has_message[audience]) { /* MS-ASCMD_R3526 */
		s->malformed = true;
		return ERR_OK;
	}
	/* MS-ASCMD_R825 */
	if (!is_body_type(type, &m.html) && (type.n || m.reply.n))
		s->invalid = true;
	s->has_message[audience] = true;
	s->oof.message[audience] = m;
	return ERR_OK;
}

enum err settings_oof_parse_set(struct wbxml_reader *r, struct settings_oof *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	uint64_t state = OOF_OFF;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag == TAG_SETTINGS_OOFSTATE) {
			e = wbxml_u64(r, 0, OOF_STATE_MAX_ - 1, &state);
			s->has_state = true;
		} else if (r->tag == TAG_SETTINGS_STARTTIME) {
			e = parse_time(r, s, &s->has_start, &s->oof.start_ms);
		} else if (r->tag == TAG_SETTINGS_ENDTIME) {
			e = parse_time(r, s, &s->has_end, &s->oof.end_ms);
		} else if (r->tag == TAG_SETTINGS_OOFMESSAGE) {
			e = parse_message(r, s);
		} else {
			e = wbxml_skip(r);
		}
	}
	TRY(e);
	s->malformed |= s->has_start != s->has_end; /* MS-ASCMD_R2271, R2272, R5681 */
	s->oof.state = (enum oof_state)state;
	return ERR_OK;
}

/* ---- the store ---- */

enum err settings_oof_read(struct eas_request *rq, struct oof *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	return oof_get(rq->arena, tx, ret);
}

/* What the request leaves out stays as it was. The times count for the timed state alone (MS-ASCMD_R7544). */
static void merge(struct oof *now, const struct settings_oof *s)
{
	if (s->has_state)
		now->state = s->oof.state;
	if (s->has_start && now->state == OOF_TIMED) {
		now->start_ms = s->oof.start_ms;
		now->end_ms = s->oof.end_ms;
	}
	for (size_t i = 0; i < OOF_AUDIENCE_MAX_; i++)
		if (s->has_message[i])
			now->message[i] = s->oof.message[i];
}

enum err settings_oof_write(struct eas_request *rq, const struct settings_oof *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct oof now;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_WRITE, &tx));
	TRY(oof_get(rq->arena, tx, &now));
	merge(&now, s);
	if (now.state == OOF_TIMED && now.end_ms <= now.start_ms)
		return ERR_INVALID;
	TRY(oof_set(tx, &now));
	return store_commit(&tx);
}

/* ---- the answer ---- */

static void put_reply(struct wbxml_writer *w, const struct oof_message *m, bool html)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(OOF_TEXT_MAX);

	oof_text_put(&text, m, html);
	wbxml_put_text(w, TAG_SETTINGS_REPLYMESSAGE, str_trim(buf_view(&text)));
}

static void put_message(struct wbxml_writer *w, enum oof_audience audience, const struct oof_message *m, bool html)
{
	wbxml_open(w, TAG_SETTINGS_OOFMESSAGE);
	wbxml_empty(w, audiences[audience]);
	wbxml_put_bool(w, TAG_SETTINGS_ENABLED, m->enabled);
	if (m->reply.n) {
		put_reply(w, m, html);
		wbxml_put_text(w, TAG_SETTINGS_BODYTYPE, html ? S("HTML") : S("Text")); /* MS-ASCMD_R826 */
	}
	wbxml_close(w, TAG_SETTINGS_OOFMESSAGE);
}

void settings_oof_put(struct wbxml_writer *w, const struct oof *oof, bool html)
{
	wbxml_put_u64(w, TAG_SETTINGS_OOFSTATE, oof->state);
	if (oof->state == OOF_TIMED) {
		wbxml_put_text(w, TAG_SETTINGS_STARTTIME, str_of(time_text(oof->start_ms).text));
		wbxml_put_text(w, TAG_SETTINGS_ENDTIME, str_of(time_text(oof->end_ms).text));
	}
	for (enum oof_audience i = 0; i < OOF_AUDIENCE_MAX_; i++) /* MS-ASCMD_R3504, R3505 */
		put_message(w, i, &oof->message[i], html);
}
