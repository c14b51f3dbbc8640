/* Changes with what the server sees to of a policy itself. */
#include <gateway/activesync/policy.h>

#include <gateway/activesync/sync_options.h>

enum { MIME_SMIME_ONLY = 1, MIME_ALL = 2, FILTER_MAIL_MAX = 5 };

static uint32_t size_of(const struct policy *p, enum policy_setting which, bool *ret_caps)
{
	int64_t size = policy_number(p, which, -1);

	*ret_caps = size >= 0;
	return size >= 0 ? (uint32_t)size : 0;
}

struct eas_policy_limits eas_policy_limits_of(const struct policy *p)
{
	struct eas_policy_limits l = {
		.no_attachments = !policy_bool(p, POLICY_ATTACHMENTS),
		.no_html = !policy_bool(p, POLICY_HTML),
		.mail_filter = (uint8_t)policy_number(p, POLICY_EMAIL_AGE, 0),
		.calendar_filter = (uint8_t)policy_number(p, POLICY_CALENDAR_AGE, 0),
	};

	l.max_attachment = size_of(p, POLICY_MAX_ATTACHMENT, &l.caps_attachment);
	l.max_text = size_of(p, POLICY_BODY_SIZE, &l.caps_text);
	l.max_html = size_of(p, POLICY_HTML_SIZE, &l.caps_html);
	return l;
}

uint8_t eas_policy_filter(const struct eas_policy_limits *l, enum folder_class class, uint8_t filter)
{
	uint8_t widest = class == FOLDER_MAIL ? l->mail_filter : class == FOLDER_CALENDAR ? l->calendar_filter : 0;

	if (class == FOLDER_MAIL && filter > FILTER_MAIL_MAX) /* no filter of mail: refused elsewhere */
		return filter;
	return widest && (filter == 0 || filter > widest) ? widest : filter;
}

static void cap(struct body_preference *p, bool caps, uint32_t max)
{
	if (caps && p->truncation > max)
		p->truncation = max;
}

/* A phone that asks for nothing is given the mail's own format: here it asks for both, so that both have their caps. */
static void ask_for_text(struct eas_options *o)
{
	const struct body_preference whole = { .asked = true, .truncation = BODY_NO_TRUNCATION };

	if (o->body[BODY_PLAIN].asked || o->body[BODY_HTML].asked)
		return;
	if (o->body[BODY_MIME].asked && o->mime_support == 0)
		o->mime_support = MIME_ALL; /* as it was meant: MIME and nothing else */
	o->body[BODY_PLAIN] = o->body[BODY_HTML] = whole;
}

static void take_html_away(struct eas_options *o)
{
	if (!o->body[BODY_PLAIN].asked)
		o->body[BODY_PLAIN] = o->body[BODY_HTML];
	o->body[BODY_HTML] = (struct body_preference){ 0 };
	if (o->mime_support > MIME_SMIME_ONLY) /* what is signed or encrypted can't be taken apart */
		o->mime_support = MIME_SMIME_ONLY;
}

struct eas_options eas_policy_options(const struct eas_policy_limits *l, enum folder_class class,
				      const struct eas_options *asked)
{
	struct eas_options o = *asked;

	o.filter = eas_policy_filter(l, class, o.filter);
	if (o.texts.asked)
		o.texts.filter = eas_policy_filter(l, class, o.texts.filter);
	if (!l->no_attachments && !l->no_html && !l->caps_text && !l->caps_html)
		return o;
	ask_for_text(&o);
	if (l->no_attachments) /* MIME has them in it */
		o.body[BODY_MIME] = (struct body_preference){ 0 };
	if (l->no_html)
		take_html_away(&o);
	cap(&o.body[BODY_PLAIN], l->caps_text, l->max_text);
	cap(&o.body[BODY_HTML], l->caps_html, l->max_html);
	cap(&o.body[BODY_MIME], l->caps_html, l->max_html);
	return o;
}
