/* Changes with the forms of the requests that send mail. */
#include <gateway/activesync/compose.h>

#include <base/utf8.h>
#include <gateway/activesync/plain_body.h>
#include <gateway/activesync/query.h>
#include <gateway/mailbox/meeting.h>

/* ---- up to 12.1: the message, and the query ---- */

static unsigned parse_query(const struct eas_request *rq, struct eas_compose *c)
{
	c->mime = rq->body;
	c->save = rq->query->options & EAS_OPTION_SAVE_IN_SENT; /* MS-ASHTTP_R121 */
	if (c->kind == COMPOSE_NEW)
		return EAS_STATUS_OK;
	c->folder = rq->query->collection_id;
	c->item = rq->query->item_id;
	c->long_id = rq->query->long_id;
	c->instance = rq->query->occurrence;
	return EAS_STATUS_OK;
}

/* ---- from 14.0 on: a document ---- */

static enum err parse_source(struct wbxml_reader *r, struct eas_compose *c)
{
	const struct {
		enum wbxml_tag tag;
		struct str *field;
	} fields[] = {
		{ TAG_COMPOSEMAIL_FOLDERID, &c->folder },
		{ TAG_COMPOSEMAIL_ITEMID, &c->item },
		{ TAG_COMPOSEMAIL_LONGID, &c->long_id },
		{ TAG_COMPOSEMAIL_INSTANCEID, &c->instance },
	};
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		size_t i = 0;

		while (i < countof(fields) && fields[i].tag != r->tag)
			i++;
		if (i == countof(fields) || fields[i].field->p)
			return ERR_INVALID;
		e = wbxml_text(r, fields[i].field);
		if (!e && !fields[i].field->p)
			*fields[i].field = S("");
	}
	return e;
}

/* An element that counts by being there; some phones give it a value all the same. */
static enum err take_presence(struct wbxml_reader *r, bool *ret)
{
	*ret = true;
	return wbxml_skip(r);
}

/* What can't be read has its own status (MS-ASCMD_R7470), as long as the document can. */
static enum err parse_body(struct eas_request *rq, struct eas_compose *c)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e;

	if (c->kind != COMPOSE_FORWARD || c->has_body)
		return ERR_INVALID;
	c->has_body = true;
	e = plain_body_parse(r, rq->arena, MEETING_BODY_MAX, &c->body);
	if (e != ERR_LIMIT)
		return e;
	c->forwardees_bad = true;
	return ERR_OK;
}

static enum err parse_child(struct eas_request *rq, struct eas_compose *c, bool *has_mime)
{
	struct wbxml_reader *r = &rq->reader;

	switch (r->tag) {
	case TAG_COMPOSEMAIL_CLIENTID:
		return c->client_id.p ? ERR_INVALID : wbxml_text(r, &c->client_id);
	case TAG_COMPOSEMAIL_SAVEINSENTITEMS: /* MS-ASCMD_R3870, R3873 */
		return take_presence(r, &c->save);
	case TAG_COMPOSEMAIL_REPLACEMIME: /* MS-ASCMD_R3780 */
		return c->kind == COMPOSE_NEW ? ERR_INVALID : take_presence(r, &c->replace_mime);
	case TAG_COMPOSEMAIL_SOURCE:
		return c->kind == COMPOSE_NEW ? ERR_INVALID : parse_source(r, c);
	case TAG_COMPOSEMAIL_ACCOUNTID:
		return take_presence(r, &c->has_account_id);
	case TAG_RIGHTSMANAGEMENT_TEMPLATEID:
		return take_presence(r, &c->has_template);
	case TAG_COMPOSEMAIL_FORWARDEES:
		if (c->kind != COMPOSE_FORWARD || c->has_forwardees)
			return ERR_INVALID;
		return eas_compose_parse_forwardees(r, rq->arena, c);
	case TAG_AIRSYNCBASE_BODY:
		return parse_body(rq, c);
	case TAG_COMPOSEMAIL_MIME:
		if (*has_mime)
			return ERR_INVALID;
		*has_mime = true;
		return wbxml_text(r, &c->mime);
	default:
		return ERR_INVALID;
	}
}

/* What is well-formed and not done, each with the status that says so. */
static unsigned refuse(const struct eas_compose *c, bool has_mime)
{
	bool event = c->has_forwardees || c->has_body;

	if (c->has_account_id) /* there is one account, and it has no AccountId (MS-ASCMD_R724) */
		return EAS_STATUS_ACCOUNT_ID_INVALID;
	if (event && (has_mime || c->save || c->replace_mime || c->has_template)) /* MS-ASCMD_R7176 */
		return EAS_STATUS_MIME_BODY_COMBINATION;
	if (c->has_template) /* no rights management */
		return EAS_STATUS_IRM_DISABLED;
	if (event && (!c->has_forwardees || c->forwardees_bad)) /* MS-ASCMD_R7470 */
		return EAS_STATUS_SMART_FORWARD_PARAMETERS;
	if ((!event && !has_mime) || c->client_id.n == 0 || utf8_chars(c->client_id) > EAS_MAX_SEND_CLIENT_ID_CHARS)
		return EAS_STATUS_INVALID_XML;
	return EAS_STATUS_OK;
}

static unsigned parse_document(struct eas_request *rq, struct eas_compose *c)
{
	struct wbxml_reader *r = &rq->reader;
	bool has_mime = false;
	enum err e = ERR_OK;

	while (wbxml_child(r, &rq->root, &e)) {
		if (!wbxml_tag_in(r->tag, rq->version))
			e = ERR_INVALID;
		else
			e = parse_child(rq, c, &has_mime);
	}
	if (!e)
		e = wbxml_done(r);
	if (e)
		return r->why != WBXML_OK ? EAS_STATUS_INVALID_WBXML : EAS_STATUS_INVALID_XML;
	return refuse(c, has_mime);
}

unsigned eas_compose_parse(struct eas_request *rq, enum compose_kind kind, struct eas_compose *ret)
{
	*ret = (struct eas_compose){ .kind = kind };
	return rq->version < EAS_14_0 ? parse_query(rq, ret) : parse_document(rq, ret);
}
