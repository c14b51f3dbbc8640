/* POX in ActiveSync's schema (MS-ASCMD 2.2.1.1): what phones ask for. */
#include <gateway/autodiscover/documents.h>
#include <gateway/autodiscover/pox.h>

#define MOBILESYNC_NS "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"

void pox_mobilesync(struct buf *out, const struct discovery *d, const struct discovery_user *user)
{
	struct buf url = BUF_INIT(1024);
	struct xml_writer w;

	buf_fmt(&url, "%s/Microsoft-Server-ActiveSync", d->base_url);
	pox_begin(&w, out, MOBILESYNC_NS);
	xml_element(&w, "Culture", S("en:us"));
	xml_open(&w, "User");
	xml_element(&w, "DisplayName", user->name.n ? user->name : user->address);
	xml_element(&w, "EMailAddress", user->address);
	xml_close(&w);
	xml_open(&w, "Action");
	xml_open(&w, "Settings");
	xml_open(&w, "Server");
	xml_element(&w, "Type", S("MobileSync"));
	xml_element(&w, "Url", buf_view(&url));
	xml_element(&w, "Name", buf_view(&url));
	xml_end(&w);
	buf_release(&url);
}
