/* Message classes (MS-ASEMAIL 2.2.2.49). */
#include <gateway/content/summary_class.h>

#include <gateway/content/body_select.h>
#include <gateway/content/header.h>
#include <gateway/content/summary.h>

enum { REPORT_READ_MAX = 16 * 1024 }; /* octets of a report's machine-readable part that are looked at */

struct word_class {
	struct str word, name;
};

/* iTIP methods (RFC 5546 section 1.4). */
static const struct word_class meetings[] = {
	{ STR_INIT("request"), STR_INIT("IPM.Schedule.Meeting.Request") },
	{ STR_INIT("cancel"), STR_INIT("IPM.Schedule.Meeting.Canceled") },
	{ STR_INIT("counter"), STR_INIT("IPM.Schedule.Meeting.Resp.Tent") },
	{ STR_INIT("reply"), STR_INIT("IPM.Schedule.Meeting.Resp.Pos") }, /* until its answer is read */
};
/* The answer in a reply (PARTSTAT, RFC 5545 section 3.2.12). */
static const struct word_class answers[] = {
	{ STR_INIT("PARTSTAT=ACCEPTED"), STR_INIT("IPM.Schedule.Meeting.Resp.Pos") },
	{ STR_INIT("PARTSTAT=DECLINED"), STR_INIT("IPM.Schedule.Meeting.Resp.Neg") },
	{ STR_INIT("PARTSTAT=TENTATIVE"), STR_INIT("IPM.Schedule.Meeting.Resp.Tent") },
};
/* What happened to a message (Action, RFC 3464 section 2.3.3). */
static const struct word_class deliveries[] = {
	{ STR_INIT("failed"), STR_INIT("REPORT.IPM.NOTE.NDR") },
	{ STR_INIT("delayed"), STR_INIT("REPORT.IPM.NOTE.DELAYED") },
	{ STR_INIT("delivered"), STR_INIT("REPORT.IPM.NOTE.DR") },
	{ STR_INIT("relayed"), STR_INIT("REPORT.IPM.NOTE.DR") },
	{ STR_INIT("expanded"), STR_INIT("REPORT.IPM.NOTE.DR") },
};
/* What its reader did (Disposition, RFC 8098 section 3.2.6). */
static const struct word_class dispositions[] = {
	{ STR_INIT("deleted"), STR_INIT("REPORT.IPM.NOTE.IPNNRN") },
	{ STR_INIT("displayed"), STR_INIT("REPORT.IPM.NOTE.IPNRN") },
};

/* The decoded beginning of a part. */
static enum err part_text(const struct mail_source *src, const struct mime_part *part, struct buf *text)
{
	struct mime_part head = *part;
	uint64_t total;

	if (head.body_len > REPORT_READ_MAX)
		head.body_len = REPORT_READ_MAX;
	return body_part_decode(src, &head, 0, UINT64_MAX, body_sink_buf(text), &total);
}

/* ---- reports (RFC 6522) ---- */

/* The value of a field that may stand in any block of a delivery report (per message, per recipient). */
static void report_word(struct str text, struct str field, const struct word_class *words, size_t n,
			struct message_class *ret)
{
	struct header_field f;

	while (header_next(&text, &f)) {
		if (!str_ieq(f.name, field))
			continue;
		for (size_t i = 0; i < n; i++)
			if (str_ifind(f.raw, words[i].word) < f.raw.n) {
				ret->name = words[i].name;
				return;
			}
	}
}

static enum err report_class(const struct mail_source *src, const struct mime_structure *m, struct message_class *ret)
{
	ret->flags |= MAIL_REPORT;
	for (size_t i = 1; i < m->parts_n; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(REPORT_READ_MAX);
		const struct mime_part *part = &m->parts[i];
		bool delivery = mime_is(part, S("message"), S("delivery-status"));

		if (part->parent != 0 || !str_eq(part->type, S("message")))
			continue;
		if (!delivery && !mime_is(part, S("message"), S("disposition-notification")))
			continue;
		ret->name = delivery ? deliveries[0].name : dispositions[1].name;
		TRY(part_text(src, part, &text));
		if (delivery)
			report_word(buf_view(&text), S("action"), deliveries, countof(deliveries), ret);
		else
			report_word(buf_view(&text), S("disposition"), dispositions, countof(dispositions), ret);
		return ERR_OK;
	}
	return ERR_OK;
}

/* ---- meetings ---- */

static enum err meeting_class(const struct mail_source *src, const struct mime_part *part, struct message_class *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(REPORT_READ_MAX);

	for (size_t i = 0; i < countof(meetings); i++)
		if (str_ieq(part->variant, meetings[i].word)) {
			ret->name = meetings[i].name;
			ret->flags |= MAIL_MEETING;
		}
	if (!str_ieq(part->variant, S("reply")))
		return ERR_OK;
	TRY(part_text(src, part, &text));
	for (size_t i = 0; i < countof(answers); i++)
		if (str_ifind(buf_view(&text), answers[i].word) < text.n)
			ret->name = answers[i].name;
	return ERR_OK;
}

/* The first meeting that is not inside of another message nor a plain file. */
const struct mime_part *message_meeting_part(const struct mime_structure *m)
{
	size_t inside = 0; /* one past the message in this message that is being passed over */

	for (size_t i = 0; i < m->parts_n; i++) {
		const struct mime_part *part = &m->parts[i];

		if (i && i >= inside && part->kind == MIME_MESSAGE)
			inside = body_parts_end(m, i);
		if (i >= inside && part->kind == MIME_LEAF && mime_is(part, S("text"), S("calendar")) &&
		    part->variant.n && part->disposition != MIME_ATTACHMENT)
			return part;
	}
	return NULL;
}

/* ---- signed and encrypted (RFC 8551, RFC 3156) ---- */

static bool is_pkcs7(struct str subtype, struct str kind)
{
	return str_ends(subtype, kind) && (str_starts(subtype, S("pkcs7-")) || str_starts(subtype, S("x-pkcs7-")));
}

static bool secure_class(const struct mime_part *root, struct message_class *ret)
{
	bool pgp = str_istarts(root->variant, S("application/pgp"));

	if (mime_is(root, S("multipart"), S("signed"))) {
		ret->flags = MAIL_SIGNED | (pgp ? 0 : MAIL_SMIME);
		if (!pgp) /* a phone would look for a certificate in vain */
			ret->name = S("IPM.Note.SMIME.MultipartSigned");
	} else if (mime_is(root, S("multipart"), S("encrypted"))) {
		ret->flags = MAIL_ENCRYPTED;
	} else if (str_eq(root->type, S("application")) && is_pkcs7(root->subtype, S("-mime"))) {
		ret->flags = MAIL_SMIME | (str_ieq(root->variant, S("signed-data")) ? MAIL_SIGNED : MAIL_ENCRYPTED);
		ret->name = S("IPM.Note.SMIME");
	}
	return ret->flags != 0;
}

enum err message_class_of(const struct mail_source *src, const struct mime_structure *m, struct message_class *ret)
{
	const struct mime_part *root = &m->parts[0], *meeting;

	*ret = (struct message_class){ .name = S("IPM.Note") };
	if (secure_class(root, ret))
		return ERR_OK;
	if (mime_is(root, S("multipart"), S("report")))
		return report_class(src, m, ret);
	meeting = message_meeting_part(m);
	return meeting ? meeting_class(src, meeting, ret) : ERR_OK;
}
