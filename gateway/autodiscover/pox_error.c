/* POX's frame, and its errors: HTTP 200 with a document (MS-OXDSCLI 2.2.3). */
#include <gateway/autodiscover/documents.h>
#include <gateway/autodiscover/pox.h>

void pox_begin(struct xml_writer *w, struct buf *out, const char *response_ns)
{
	xml_begin(w, out);
	xml_open(w, "Autodiscover");
	xml_put_attribute(w, "xmlns", S(POX_NS));
	xml_open(w, "Response");
	if (response_ns)
		xml_put_attribute(w, "xmlns", str_of(response_ns));
}

struct str pox_error_text(enum pox_error e)
{
	switch (e) {
	case POX_NO_SUCH_ADDRESS:
		return S("The email address can't be found.");
	case POX_NO_OPTIONS:
		return S("There are no settings for this address.");
	case POX_MALFORMED:
		return S("Invalid Request");
	case POX_NO_PROVIDER:
		return S("Provider is not available");
	case POX_MISCONFIGURED:
		return S("The settings of this address are in error.");
	case POX_INTERNAL:
		break;
	}
	return S("An internal error occurred; try again later.");
}

/* Time of day, as Exchange writes it: "16:56:32.6164027". */
static void put_time(struct xml_writer *w, int64_t now_ms)
{
	enum { DAY_MS = 24 * 60 * 60 * 1000 };
	unsigned ms = (unsigned)(now_ms % DAY_MS);
	struct buf text = BUF_INIT(64);

	buf_fmt(&text, "%02u:%02u:%02u.%03u0000", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
	xml_put_attribute(w, "Time", buf_view(&text));
	buf_release(&text);
}

static void put_number(struct buf *text, uint64_t number)
{
	buf_clear(text);
	buf_u64(text, number);
}

void pox_error(struct buf *out, enum pox_error e, int64_t now_ms, uint64_t id)
{
	struct buf number = BUF_INIT(32);
	struct xml_writer w;

	pox_begin(&w, out, NULL);
	xml_open(&w, "Error");
	put_time(&w, now_ms);
	put_number(&number, id);
	xml_put_attribute(&w, "Id", buf_view(&number));
	put_number(&number, (uint64_t)e);
	xml_element(&w, "ErrorCode", buf_view(&number));
	xml_element(&w, "Message", pox_error_text(e));
	xml_element(&w, "DebugData", STR_EMPTY);
	xml_end(&w);
	buf_release(&number);
}
