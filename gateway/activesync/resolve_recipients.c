/*
 * ResolveRecipients (MS-ASCMD 2.2.1.15): who is meant by a name, when he is busy (resolve_availability.h), and with which
 * certificates he is written to encrypted. The people are those of the server's address book (people.h); a group is one
 * recipient, whose availability and certificates are those of its people.
 */
#include <gateway/activesync/picture.h>
#include <gateway/activesync/resolve_availability.h>

#include <base/base64.h>
#include <base/clock.h>
#include <gateway/mailbox/people.h>
#include <gateway/mailbox/visible.h>
#include <store/certificate.h>
#include <store/rows.h>

enum {
	TO_MAX_CHARS = 256,   /* MS-ASCMD R4611 */
	RECIPIENTS_MAX = 100, /* of one ambiguous name, whatever the phone would take */
	OPTION_MAX = 9999,
	RETRIEVE_FULL = 2,
	RETRIEVE_MINI = 3,
	GAL_ENTRY = 1,
};

enum resolve_status { /* MS-ASCMD 2.2.3.177.12 */
		      RESOLVE_DONE = 1,
		      RESOLVE_AMBIGUOUS = 2,
		      RESOLVE_AMBIGUOUS_PARTLY = 3,
		      RESOLVE_NOBODY = 4,
		      RESOLVE_BAD = 5,
		      RESOLVE_NO_CERTIFICATE = 7,
		      RESOLVE_MORE_CERTIFICATES = 8,
};

struct request {
	struct str to[EAS_MAX_RECIPIENTS];
	size_t to_n;
	uint64_t retrieval, max_certificates, max_ambiguous;
	bool availability;
	struct eas_pictures pictures;
	struct busy_window window; /* of the availability */
};

struct resolving {
	struct eas_request *rq;
	const struct request *asked;
	struct wbxml_writer w;
	uint64_t certificates_left;   /* of the whole answer */
	size_t people_left;           /* of groups, of whom availability is told still */
	struct eas_pictures pictures; /* of one name (MS-ASCMD R3290) */
};

static const struct eas_picture_tags picture_tags = { TAG_RESOLVERECIPIENTS_PICTURE, TAG_RESOLVERECIPIENTS_STATUS,
						      TAG_RESOLVERECIPIENTS_DATA, TAG_RESOLVERECIPIENTS_MAXSIZE,
						      TAG_RESOLVERECIPIENTS_MAXPICTURES };

/* ---- the request ---- */

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
		return availability_parse(r, &q->window);
	case TAG_RESOLVERECIPIENTS_PICTURE:
		return eas_pictures_parse(r, &picture_tags, &q->pictures);
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

/* Who is meant by a recipient: himself, or the people of a group. */
struct meant {
	const struct group_member *list;
	size_t n;
};

/* Those that are valid still, added to the rows. */
static enum err add_certificates(struct resolving *s, struct store_tx *tx, int64_t account, struct rows *to)
{
	int64_t now_ms = clock_wall_ms(s->rq->eas->clock);
	struct user_certificate *list;
	size_t n;

	TRY(certificate_list(s->rq->arena, tx, account, &list, &n));
	for (size_t i = 0; i < n; i++) {
		struct user_certificate *one = list[i].expires_ms > now_ms ? rows_add(to) : NULL;

		if (!one && list[i].expires_ms > now_ms)
			return ERR_LIMIT;
		if (one)
			*one = list[i];
	}
	return ERR_OK;
}

static enum err read_certificates(struct resolving *s, const struct meant *m, struct rows *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s->rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (size_t i = 0; i < m->n && m->n <= EAS_MAX_GROUP_CERTIFICATES; i++)
		if (m->list[i].kind == GROUP_MEMBER_ACCOUNT)
			TRY(add_certificates(s, tx, m->list[i].target, ret));
	return ERR_OK;
}

static enum err put_certificate(struct resolving *s, struct str der)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CERTIFICATE_DER_MAX);

	base64_put(&text, der);
	TRY(buf_status(&text));
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATE, buf_view(&text));
	return ERR_OK;
}

/* The short form (MiniCertificate) is nowhere made. */
static enum err put_certificates(struct resolving *s, const struct meant *m)
{
	struct rows found = rows_of(s->rq->arena, sizeof(struct user_certificate));
	const struct user_certificate *list;
	size_t valid, shown;

	if (s->asked->retrieval == RETRIEVE_FULL)
		TRY(read_certificates(s, m, &found));
	list = found.p;
	valid = found.n;
	shown = valid < s->certificates_left ? valid : (size_t)s->certificates_left;
	s->certificates_left -= shown;
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATES);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_STATUS,
		      valid == 0      ? RESOLVE_NO_CERTIFICATE
		      : shown < valid ? RESOLVE_MORE_CERTIFICATES
				      : RESOLVE_DONE);
	/* R851: with status 8 those that are left out */
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATECOUNT, shown < valid ? valid - shown : valid);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENTCOUNT, m->n); /* R3768 */
	for (size_t i = 0; i < shown; i++)
		TRY(put_certificate(s, list[i].der));
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_CERTIFICATES);
	return ERR_OK;
}

static enum err put_picture(struct resolving *s, int64_t account)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s->rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	return eas_picture_put(&s->w, &picture_tags, tx, account, &s->pictures);
}

static enum err read_people(struct resolving *s, int64_t group, struct meant *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct group_member *list;

	TRY(store_begin(s->rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(mail_group_people(s->rq->arena, tx, group, &list, &ret->n));
	ret->list = list;
	return ERR_OK;
}

/* What is told of one who is meant for certain (R4617, R4618). */
static enum err put_unique(struct resolving *s, const struct person *p)
{
	const struct group_member himself = { .kind = GROUP_MEMBER_ACCOUNT, .target = p->account };
	struct meant m = { &himself, 1 };

	if (p->group)
		TRY(read_people(s, p->group, &m));
	if (s->asked->availability && p->group)
		availability_put_group(s->rq, &s->w, &s->asked->window, m.list, m.n, &s->people_left);
	else if (s->asked->availability)
		availability_put(s->rq, &s->w, &s->asked->window, p->address);
	return s->asked->retrieval >= RETRIEVE_FULL ? put_certificates(s, &m) : ERR_OK;
}

static enum err put_recipient(struct resolving *s, const struct person *p, bool unique)
{
	wbxml_open(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENT);
	wbxml_put_u64(&s->w, TAG_RESOLVERECIPIENTS_TYPE, GAL_ENTRY);
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_DISPLAYNAME, p->name);
	wbxml_put_text(&s->w, TAG_RESOLVERECIPIENTS_EMAILADDRESS, p->address);
	if (unique)
		TRY(put_unique(s, p));
	if (s->pictures.wanted)
		TRY(put_picture(s, p->account));
	wbxml_close(&s->w, TAG_RESOLVERECIPIENTS_RECIPIENT);
	return ERR_OK;
}

static enum err find_group(struct resolving *s, struct store_tx *tx, struct str address, struct person *ret)
{
	struct mail_group group;

	TRY(visible_group_find(s->rq->arena, tx, s->rq->account, address, &group));
	*ret = (struct person){ .address = group.address, .name = group.name, .group = group.id };
	return ERR_OK;
}

static enum err find_account(struct resolving *s, struct store_tx *tx, struct str address, struct person *ret)
{
	struct visible_calendar found;

	TRY(visible_calendar_find(s->rq->arena, tx, s->rq->account, address, &found));
	*ret = (struct person){ .address = found.owner.address, .name = found.owner.name, .account = found.owner.id };
	return ERR_OK;
}

/* An address names one, and is any of his; who shares his calendar is found by it from whatever domain. */
static enum err find_by_address(struct resolving *s, struct str address, struct people *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct person *p = arena_new(s->rq->arena, struct person);

	if (!p)
		return ERR_LIMIT;
	TRY(store_begin(s->rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	enum err e = find_account(s, tx, address, p);
	if (e == ERR_NOT_FOUND)
		e = find_group(s, tx, address, p);
	TRY(e);
	if (p->name.n == 0)
		p->name = p->address;
	*ret = (struct people){ .list = p, .n = 1, .total = 1 };
	return ERR_OK;
}

static enum err find(struct resolving *s, struct str to, struct people *ret)
{
	enum err e = find_by_address(s, to, ret);

	if (e == ERR_NOT_FOUND && to.n <= PEOPLE_TEXT_MAX)
		e = people_find(s->rq->arena, s->rq->eas->store, s->rq->account, to, ret);
	return e == ERR_NOT_FOUND || e == ERR_INVALID ? ERR_OK : e; /* it names nobody */
}

static enum err put_response(struct resolving *s, struct str to)
{
	struct people people = { 0 };
	size_t shown;

	TRY(find(s, to, &people));
	s->pictures = s->asked->pictures;
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
	s.people_left = AVAILABILITY_MAX_PEOPLE;
	eas_writer_begin(rq, &s.w);
	if (!e && q.availability)
		e = availability_zone(rq, &q.window.zone);
	if (!e)
		e = put_all(&s);
	if (e)
		eas_respond_err(rq, e);
	else
		eas_respond_wbxml(rq, &s.w);
}
