#include <store/service.h>

#include <assert.h>

static const char *const names[] = {
	[SERVICE_ACTIVESYNC] = "activesync",
	[SERVICE_IMAP] = "imap",
	[SERVICE_POP3] = "pop3",
	[SERVICE_SMTP] = "smtp",
	[SERVICE_AUTODISCOVER] = "autodiscover",
	[SERVICE_EWS] = "ews",
};
static_assert(countof(names) == SERVICE_MAX_, "a name for each");

const char *service_name(enum service service)
{
	return names[service];
}

enum err service_parse(struct str name, enum service *ret)
{
	if (str_ieq(name, S("eas")))
		name = str_of(names[SERVICE_ACTIVESYNC]);
	for (size_t i = 0; i < countof(names); i++) {
		if (!str_ieq(name, str_of(names[i])))
			continue;
		*ret = (enum service)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err services_parse(struct str list, unsigned *ret, struct str *ret_wrong)
{
	unsigned services = 0;
	enum service one;
	struct str name;

	if (str_ieq(list, S("all"))) {
		*ret = SERVICES_ALL;
		return ERR_OK;
	}
	while (str_cut(&list, ',', &name)) {
		if (service_parse(str_trim(name), &one)) {
			*ret_wrong = name;
			return ERR_NOT_FOUND;
		}
		services |= 1u << one;
	}
	if (services & (1u << SERVICE_ACTIVESYNC | 1u << SERVICE_EWS))
		services |= 1u << SERVICE_AUTODISCOVER;
	*ret = services;
	return ERR_OK;
}

void services_put(struct buf *b, unsigned services)
{
	bool first = true;

	for (unsigned i = 0; i < SERVICE_MAX_; i++) {
		if (!(services & 1u << i))
			continue;
		buf_fmt(b, "%s%s", first ? "" : ",", names[i]);
		first = false;
	}
}
