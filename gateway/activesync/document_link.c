/* Links to documents. */
#include <gateway/activesync/document_link.h>

#include <base/defs.h>

bool eas_document_link(struct str link)
{
	static const struct str begins[] = { STR_INIT("\\\\"), STR_INIT("file://"), STR_INIT("http://"),
					     STR_INIT("https://") };

	for (size_t i = 0; i < countof(begins); i++)
		if (str_istarts(link, begins[i]))
			return link.n > begins[i].n && link.p[begins[i].n] != '\\' && link.p[begins[i].n] != '/';
	return false;
}
