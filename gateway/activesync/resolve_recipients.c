/*
 * ResolveRecipients (MS-ASCMD 2.2.1.15): who is meant by a name, and with which certificates he is written to encrypted. The
 * people are those of the server's address book (people.h); calendars and pictures there are none yet, and that is said.
 */
#include <gateway/activesync/command.h>

#include <base/base64.h>
#include <base/clock.h>
#include <gateway/content/timezone.h>
#include <gateway/mailbox/people.h>
#include <store/certificate.h>

enum {
	TO_MAX_CHARS = 256,   /* MS-ASCMD R4611 */
	RECIPIENTS_MAX = 100, /* of one ambiguous name, whatever the phone would take */
	OPTION_MAX = 9999,
	RETRIEVE_FULL = 2,
	RETRIEVE_MINI = 3,
	GAL_ENTRY = 1,
	SPAN_MAX_DAYS = 42, /* MS-ASCMD R5175 */
};

enum resolve_status { /* MS-ASCMD 2.2.3.177.12 */
		      RESOLVE_DONE = 1,
		      RESOLVE_AMBIGUOUS = 2,
		      RESOLVE_AMBIGUOUS_PARTLY = 3,
		      RESOLVE_NOBODY = 4,
		      RESOLVE_BAD = 5,
		      RESOLVE_NO_CERTIFICATE = 7,
		      RESOLVE_MORE_CERTIFICATES = 8,
		      RESOLVE_NO_AVAILABILITY = 163,
		      RESOLVE_NO_PICTURE = 173,
};

struct request {
	struct str to[EAS_MAX_RECIPIENTS];
	size_t to_n;
	uint64_t retrieval, max_certificates, max_ambiguous;
	bool availability, picture;
};

struct resolving {
	struct eas_request *rq;
	const struct request *asked;
	struct wbxml_writer w;
	uint64_t certificates_left; /* of the whole answer */
};

/* ---- the request ---- */

static bool number_at(struct str s, size_t at, size_t n, int *ret)
{
	uint64_t v;

	if (str_to_u64(str_slice(s, at, at + n), 9999, &v))
		return false;
	*ret = (int)v;
	return true;
}

/* YYYY-MM-DDTHH:MM:SS[.mmm]Z in seconds (MS-ASDTYPE 2.3). */
static enum err time_of(struct str s, int64_t *ret)
{
	struct zone_rules utc = { 0 };
	struct local_time t;

	if (s.n < 20 || s.p[4] != '-' || s.p[7] != '-' || s.p[10] != 'T' || s.p[13] != ':' || s.p[16] != ':' ||
	    s.p[s.n - 1] != 'Z' || !number_at(s, 0, 4, &t.year) || !number_at(s, 5, 2, &t.month) ||
	    !number_at(s, 8, 2, &t.day) || !number_at(s, 11, 2, &t.hour) || !number_at(s, 14, 2, &t.minute) ||
	    !number_at(s, 17, 2, &t.second))
		return ERR_INVALID;
	if (t.month < 1 || t.month > 12 || t.day < 1 || t.day > 31 || t.hour > 23 || t.minute > 59 || t.second > 60)
		return ERR_INVALID;
	*ret = zone_to_utc(&utc, t) / 1000;
	return ERR_OK;
}

/* MS-ASCMD R2264, R2265, R5430, R3986 */
static enum err parse_availability(struct wbxml_reader *r)
{
	struct wbxml_scope in = wbxml_enter(r);
	bool has_start = false, has_end = false;
	int64_t start = 0, end = 0;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		struct str text;

		if (r->tag != TAG_RESOLVERECIPIENTS_STARTTIME && r->tag != TAG_RESOLVERECIPIENTS_ENDTIME)
			return ERR_INVALID;
		if (r->tag == TAG_RESOLVERECIPIENTS_STARTTIME) {
			TRY(wbxml_text(r, &text));
			TRY(time_of(text, &start));
			has_start = true;
		} else {
			TRY(wbxml_text(r, &text));
			TRY(time_of(text, &end));
			has_end = true;
		}
	}
	TRY(e);
	if (!has_start || (has_end && (end < start + 30 * 60 || end - start > SPAN_MAX_DAYS * 86400)))
		return ERR_INVALID;
	return ERR_OK;
}

static enum err parse_option(struct wbxml_reader *r, enum eas_version version, struct request *q)
{
	if (!wbxml_tag_in((enum wbxml_tag)r->tag, version))
		return ERR_INVALID;
	switch ((unsigned)r->tag) {
	case TAG_RESOLVERECIPIENTS_CERTIFICATERETRIEVAL:
		return wbxml_u64(r, 1, RETRIEVE_MINI, &q->retrieval);
	case TAG_RESOLVERECIPIENTS_MAXCERTIFICATES:
		return wbxml_u64(r, 0, OPTION_MAX, &q->max_certificates);
	case TAG_RESOLVERECIPIENTS_MAXAMBIGUOUSRECIPIENTS:
		return wbxml_u64(r, 0, OPTION_MAX, &q->max_ambiguous);
	case TAG_RESOLVERECIPIENTS_AVAILABILITY:
		q->availability = true;
		return parse_availability(r);
	case TAG_RESOLVERECIPIENTS_PICTURE:
		q->picture = true;
		return wbxml_skip(r);
	default:
		return ERR_INVALID;
	}
}

static enum err parse_options(struct wbxml_reader *r, enum eas_version version, struct request *q)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e))
		TRY(parse_option(r, version, q));
	return e;
}

static enum err parse(struct eas_request *rq, struct request *q)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;

	*q = (struct request){ .retrieval = 1, .max_certificates = OPTION_MAX, .max_ambiguous = RECIPIENTS_MAX };
	while (wbxml_child(r, &rq->root, &e)) {
		if (r->tag == TAG_RESOLVERECIPIENTS_OPTIONS) {
			TRY(parse_options(r, rq->version, q));
			continue;
		}
		if (r->tag != TAG_RESOLVERECIPIENTS_TO || q->to_n == EAS_MAX_RECIPIENTS) /* R5656 */
			return ERR_INVALID;
		TRY(wbxml_text(r, &q->to[q->to_n]));
		if (q->to[q->to_n].n > 4 * TO_MAX_CHARS)
			return ERR_LIMIT;
		q->to_n++;
	}
	TRY(e);
	return q->to_n ? wbxml_done(r) : ERR_INVALID;
}

/* ---- one recipient ---- */

static enum err read_certificates(struct resolving *s, struct str address, struct user_certificate **ret, size_t *n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account account;

	TRY(store_begin(s->rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_find(s->rq->arena, tx, address, &account));
	return certificate_list(s->rq->arena, tx, account.id, ret, n);
}

static enum err put_certificate(struct resolving *s, struct str der)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CERTIFICATE_DER_MAX);

	base64_put(&text, der);
	TRY(buf_status(&text));
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATE, buf_view(&text));
	return ERR_OK;
}

/* Those that are valid still. The short form (MiniCertificate) is nowhere made. */
static enum err put_certificates(struct resolving *s, struct str address)
{
	int64_t now_ms = clock_wall_ms(s->rq->eas->clock);
	struct user_certificate *list;
	size_t n, valid = 0, shown;

	TRY(read_certificates(s, address, &list, &n));
	for (size_t i = 0; i < n; i++)
		if (list[i].expires_ms > now_ms)
			list[valid++] = list[i];
	if (s->asked->retrieval == RETRIEVE_MINI)
		valid = 0;
	shown = valid < s->certificates_left ? valid : (size_t)s->certificates_left;
	s->certificates_left -= shown;
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATES);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_STATUS,
		      valid == 0      ? RESOLVE_NO_CERTIFICATE
		      : shown < valid ? RESOLVE_MORE_CERTIFICATES
				      : RESOLVE_DONE);
	/* R851: with status 8 those that are left out */
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATECOUNT, shown < valid ? valid - shown : valid);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENTCOUNT, 1);
	for (size_t i = 0; i < shown; i++)
		TRY(put_certificate(s, list[i].der));
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATES);
	return ERR_OK;
}

static void put_status_in(struct wbxml_writer *w, enum wbxml_tag tag, unsigned status)
{
	wbxml_open(w, tag);
	wbxml_put_u64(w, TAG_RESOLVERECIPIENTS_STATUS, status);
	wbxml_close(w, tag);
}

static enum err put_recipient(struct resolving *s, const struct person *p, bool unique)
{
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENT);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_TYPE, GAL_ENTRY);
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_DISPLAYNAME, p->name);
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_EMAILADDRESS, p->address);
	if (s->asked->availability && unique) /* R4617, R4618 */
		put_status_in(&s->w, TAG_RESOLVERECIPIENTS_AVAILABILITY, RESOLVE_NO_AVAILABILITY);
	if (s->asked->retrieval >= RETRIEVE_FULL && unique)
		TRY(put_certificates(s, p->address));
	if (s->asked->picture)
		put_status_in(&s->w, TAG_RESOLVERECIPIENTS_PICTURE, RESOLVE_NO_PICTURE);
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENT);
	return ERR_OK;
}

/* An address names one, also where others begin with it. */
static void narrow(struct str to, struct people *p)
{
	for (size_t i = 0; i < p->n; i++) {
		if (!str_ieq(p->list[i].address, to))
			continue;
		p->list = &p->list[i];
		p->n = 1;
		p->total = 1;
		return;
	}
}

static enum err put_response(struct resolving *s, struct str to)
{
	struct people people = { 0 };
	enum err e = people_find(s->rq->arena, s->rq->eas->store, s->rq->account, to, &people);
	size_t shown;

	if (e && e != ERR_INVALID && e != ERR_LIMIT)
		return e;
	narrow(to, &people);
	shown = people.n == 1 || people.n < s->asked->max_ambiguous ? people.n : (size_t)s->asked->max_ambiguous;
	shown = shown < RECIPIENTS_MAX ? shown : RECIPIENTS_MAX;
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_RESPONSE);
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_TO, to);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_STATUS,
		      people.total == 0       ? RESOLVE_NOBODY
		      : people.total == 1     ? RESOLVE_DONE
		      : shown == people.total ? RESOLVE_AMBIGUOUS
					      : RESOLVE_AMBIGUOUS_PARTLY);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENTCOUNT, shown);
	for (size_t i = 0; i < shown; i++)
		TRY(put_recipient(s, &people.list[i], people.total == 1));
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_RESPONSE);
	return buf_status(s->w.out);
}

static enum err put_all(struct resolving *s)
{
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_RESOLVERECIPIENTS);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_STATUS, RESOLVE_DONE);
	for (size_t i = 0; i < s->asked->to_n; i++)
		TRY(put_response(s, s->asked->to[i]));
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_RESOLVERECIPIENTS);
	return ERR_OK;
}

void eas_resolve_recipients(struct eas_request *rq)
{
	struct request q;
	struct resolving s = { .rq = rq, .asked = &q };
	enum err e = parse(rq, &q);

	if (e == ERR_INVALID || e == ERR_LIMIT) {
		eas_respond_malformed(rq, RESOLVE_BAD);
		return;
	}
	s.certificates_left = q.max_certificates;
	eas_writer_begin(rq, &s.w);
	if (!e)
		e = put_all(&s);
	if (e)
		eas_respond_err(rq, e);
	else
		eas_respond_wbxml(rq, &s.w);
}
