/* POX in ActiveSync's schema (MS-ASCMD 2.2.1.1): what phones ask for. */
#include <gateway/autodiscover/documents.h>
#include <gateway/autodiscover/pox.h>

#define MOBILESYNC_NS "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"

static void begin(struct xml_writer *w, struct buf *out, const struct discovery_user *user)
{
	pox_begin(w, out, MOBILESYNC_NS);
	xml_element(w, "Culture", S("en:us"));
	xml_open(w, "User");
	xml_element(w, "DisplayName", user->name.n ? user->name : user->address);
	xml_element(w, "EMailAddress", user->address);
	xml_close(w);
	xml_open(w, "Action");
}

/* base_url: of the server that has the mailbox. */
static void put_settings(struct buf *out, struct str base_url, const struct discovery_user *user)
{
	struct buf url = BUF_INIT(1024);
	struct xml_writer w;

	buf_fmt(&url, STR_FMT "/Microsoft-Server-ActiveSync", STR_ARG(base_url));
	begin(&w, out, user);
	xml_open(&w, "Settings");
	xml_open(&w, "Server");
	xml_element(&w, "Type", S("MobileSync"));
	xml_element(&w, "Url", buf_view(&url));
	xml_element(&w, "Name", buf_view(&url));
	xml_end(&w);
	buf_release(&url);
}

void pox_mobilesync(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	put_settings(out, str_of(d->base_url), user);
}

void pox_mobilesync_error(struct buf *out, enum pox_error e, const struct discovery_user *user)
{
	struct xml_writer w;

	begin(&w, out, user);
	xml_open(&w, "Error");
	xml_element(&w, "Status", S("2")); /* 1 is success */
	xml_element(&w, "Message", pox_error_text(e));
	xml_element(&w, "DebugData", STR_EMPTY);
	xml_end(&w);
}

/* MS-ASCMD_R3770: Redirect is an address. */
void pox_mobilesync_redirect(struct buf *out, const struct discovery_redirect *to, const struct discovery_user *user)
{
	struct xml_writer w;

	if (to->url.n > 0) {
		put_settings(out, to->url, user);
		return;
	}
	begin(&w, out, user);
	xml_element(&w, "Redirect", to->address);
	xml_end(&w);
}
