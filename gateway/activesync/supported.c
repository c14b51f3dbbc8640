/* Changes with which properties a phone says that it keeps. */
#include <gateway/activesync/supported.h>

/* Where a tag's bit is; NULL: of a page that has no ghosts. */
static uint64_t *place(struct eas_supported *s, uint16_t tag, unsigned *ret_bit)
{
	static const struct {
		uint8_t page, place;
	} pages[] = {
		{ TAG_CALENDAR_SUBJECT >> 8, 0 },   { TAG_CONTACTS_FIRSTNAME >> 8, 0 }, { TAG_TASKS_SUBJECT >> 8, 0 },
		{ TAG_CONTACTS2_NICKNAME >> 8, 1 }, { TAG_AIRSYNCBASE_BODY >> 8, 2 },
	};
	const unsigned token = tag & 0xffu;

	*ret_bit = token;
	for (size_t i = 0; i < countof(pages) && token < 64; i++)
		if (pages[i].page == (unsigned)tag >> 8)
			return &s->listed[pages[i].place];
	return NULL;
}

enum err eas_supported_parse(struct wbxml_reader *r, struct eas_supported *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum err bad = ERR_OK;

	*ret = (struct eas_supported){ .how = EAS_SUPPORTED_NONE };
	while (wbxml_child(r, &scope, &bad)) {
		unsigned bit;
		uint64_t *bits = place(ret, r->tag, &bit);

		if (bits)
			*bits |= UINT64_C(1) << bit;
		ret->how = EAS_SUPPORTED_LISTED;
		TRY(wbxml_skip(r));
	}
	return bad;
}

bool eas_supported_ghosts(const struct eas_supported *s, enum wbxml_tag tag)
{
	struct eas_supported copy = *s;
	unsigned bit;
	const uint64_t *bits = place(&copy, (uint16_t)tag, &bit);

	switch (s->how) {
	case EAS_SUPPORTED_ALL:
		return false;
	case EAS_SUPPORTED_LISTED:
		return !bits || !(*bits >> bit & 1);
	case EAS_SUPPORTED_NONE:
		break;
	}
	return true;
}

void eas_supported_put(struct buf *out, const struct eas_supported *s)
{
	buf_char(out, (char)s->how);
	for (size_t i = 0; i < EAS_SUPPORTED_PAGES; i++)
		for (unsigned shift = 0; shift < 64; shift += 8)
			buf_char(out, (char)(s->listed[i] >> shift & 0xff));
}

struct eas_supported eas_supported_get(const unsigned char bytes[EAS_SUPPORTED_BYTES])
{
	struct eas_supported s = { .how = bytes[0] <= EAS_SUPPORTED_NONE ? (enum eas_supported_how)bytes[0]
									 : EAS_SUPPORTED_ALL };

	for (size_t i = 0; i < EAS_SUPPORTED_PAGES; i++)
		for (unsigned k = 0; k < 8; k++)
			s.listed[i] |= (uint64_t)bytes[1 + 8 * i + k] << (8 * k);
	return s;
}
