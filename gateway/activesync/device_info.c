/* Changes with what phones tell of themselves. */
#include <gateway/activesync/device_info.h>

#include <base/utf8.h>
#include <gateway/activesync/limits.h>

static struct str *field_of(struct device_info *info, uint16_t tag)
{
	const struct {
		uint16_t tag;
		struct str *field;
	} fields[] = {
		{ TAG_SETTINGS_MODEL, &info->model },
		{ TAG_SETTINGS_IMEI, &info->imei },
		{ TAG_SETTINGS_FRIENDLYNAME, &info->friendly_name },
		{ TAG_SETTINGS_OS, &info->os },
		{ TAG_SETTINGS_OSLANGUAGE, &info->os_language },
		{ TAG_SETTINGS_PHONENUMBER, &info->phone_number },
		{ TAG_SETTINGS_USERAGENT, &info->user_agent },
		{ TAG_SETTINGS_MOBILEOPERATOR, &info->mobile_operator },
	};

	for (size_t i = 0; i < countof(fields); i++)
		if (fields[i].tag == tag)
			return fields[i].field;
	return NULL;
}

static enum err parse_set(struct wbxml_reader *r, struct device_info *info, bool *too_long)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		struct str *field = field_of(info, r->tag);

		e = field ? wbxml_text(r, field) : wbxml_skip(r);
		if (e == ERR_OK && field && utf8_chars(*field) > EAS_MAX_DEVICE_INFORMATION_CHARS)
			*too_long = true;
	}
	return e;
}

enum err eas_device_info_parse(struct wbxml_reader *r, struct device_info *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct device_info info = { 0 };
	bool seen = false, too_long = false;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_SETTINGS_SET || seen)
			return ERR_INVALID;
		seen = true;
		e = parse_set(r, &info, &too_long);
	}
	TRY(e);
	if (!seen)
		return ERR_INVALID;
	if (too_long)
		return ERR_LIMIT;
	*ret = info;
	return ERR_OK;
}
