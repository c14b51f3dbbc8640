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

/* An integer, of which two are told (MS-ASMS 2.2.2.2.2). */
static enum err parse_texts(struct wbxml_reader *r, struct device_info *info, bool *out_of_range)
{
	uint64_t v = 0;
	enum err e = wbxml_u64(r, 0, 1, &v);

	if (e == ERR_LIMIT)
		*out_of_range = true;
	else
		info->texts = v ? DEVICE_TEXTS_SENT : DEVICE_TEXTS_NOT_SENT;
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err parse_set(struct wbxml_reader *r, struct device_info *info, bool *out_of_range)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		struct str *field = field_of(info, r->tag);

		if (r->tag == TAG_SETTINGS_ENABLEOUTBOUNDSMS) {
			e = parse_texts(r, info, out_of_range);
			continue;
		}
		e = field ? wbxml_text(r, field) : wbxml_skip(r);
		if (e == ERR_OK && field && utf8_chars(*field) > EAS_MAX_DEVICE_INFORMATION_CHARS)
			*out_of_range = true;
	}
	return e;
}

enum err eas_device_info_parse(struct wbxml_reader *r, struct device_info *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	struct device_info info = { 0 };
	bool seen = false, out_of_range = false;
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (r->tag != TAG_SETTINGS_SET || seen)
			return ERR_INVALID;
		seen = true;
		e = parse_set(r, &info, &out_of_range);
	}
	TRY(e);
	if (!seen)
		return ERR_INVALID;
	if (out_of_range)
		return ERR_LIMIT;
	*ret = info;
	return ERR_OK;
}
