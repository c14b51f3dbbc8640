#include "meeting.h"

#include "fault.h"

void meeting_put(struct buf *out, enum eas_version v, struct str folder, struct str item, enum meeting_answer answer)
{
	struct wbxml_writer w;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
	wbxml_open(&w, TAG_MEETINGRESPONSE_REQUEST);
	wbxml_put_u64(&w, TAG_MEETINGRESPONSE_USERRESPONSE, answer);
	wbxml_put_text(&w, TAG_MEETINGRESPONSE_COLLECTIONID, folder);
	wbxml_put_text(&w, TAG_MEETINGRESPONSE_REQUESTID, item);
	if (v >= EAS_16_0)
		wbxml_empty(&w, TAG_MEETINGRESPONSE_SENDRESPONSE);
	wbxml_close(&w, TAG_MEETINGRESPONSE_REQUEST);
	wbxml_close(&w, TAG_MEETINGRESPONSE_MEETINGRESPONSE);
	doc_finish(&w);
}

#define REPLY(name) offsetof(struct meeting_reply, name)

static enum err read_result(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_MEETINGRESPONSE_REQUESTID, DOC_ORDERED, doc_text, REPLY(request) },
		{ TAG_MEETINGRESPONSE_STATUS, DOC_REQUIRED | DOC_ORDERED, doc_u32, REPLY(result) },
		{ TAG_MEETINGRESPONSE_CALENDARID, DOC_ORDERED, doc_text, REPLY(calendar) },
	};
	struct meeting_reply *r = into;

	r->has_result = true;
	return doc_children(d, rules, countof(rules), r);
}

enum err meeting_parse(struct doc *d, struct str bytes, struct meeting_reply *ret)
{
	static const struct doc_rule rules[] = {
		{ TAG_MEETINGRESPONSE_STATUS, DOC_ORDERED, doc_u32, REPLY(status) },
		{ TAG_MEETINGRESPONSE_RESULT, DOC_ORDERED, read_result, 0 },
	};

	*ret = (struct meeting_reply){ 0 };
	TRY(doc_parse(d, bytes, TAG_MEETINGRESPONSE_MEETINGRESPONSE, rules, countof(rules), ret));
	return ret->status || ret->has_result ? ERR_OK
					      : fault(d->why, "a MeetingResponse with neither Status nor Result");
}
