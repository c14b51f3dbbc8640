/* The code page table: page and token index it, so that reading a tag is one look. */
#include <wbxml/codepage.h>

#include <assert.h>

enum {
	PAGES_N = 26,
	TOKENS_N = 0x40, /* six bits of a tag byte are the token (WAP-192 5.8.2) */
};

struct tag_row {
	const char *name; /* NULL: no such token */
	uint8_t name_n;
	uint8_t since, until; /* enum eas_version */
	bool binary;
};

#define PAGE(page, ns) [page] = ns,
#define TAG(...)
static const char *const page_namespaces[PAGES_N] = {
#include "codepage_data.h"
};
#undef PAGE
#undef TAG

#define PAGE(...)
#define TAG(page, token, name, since, until, binary) [page][token] = { name, sizeof(name) - 1, since, until, binary },
static const struct tag_row tag_rows[PAGES_N][TOKENS_N] = {
#include "codepage_data.h"
};
#undef PAGE
#undef TAG

static const char *const version_texts[] = {
	[EAS_2_5] = "2.5",   [EAS_12_0] = "12.0", [EAS_12_1] = "12.1", [EAS_14_0] = "14.0",
	[EAS_14_1] = "14.1", [EAS_16_0] = "16.0", [EAS_16_1] = "16.1",
};
static_assert(countof(version_texts) == EAS_VERSION_MAX_, "one text per version");

enum err eas_version_parse(struct str text, enum eas_version *ret)
{
	for (unsigned v = 0; v < EAS_VERSION_MAX_; v++) {
		if (str_eq(text, str_of(version_texts[v]))) {
			*ret = (enum eas_version)v;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

struct str eas_version_text(enum eas_version v)
{
	return (unsigned)v < EAS_VERSION_MAX_ ? str_of(version_texts[v]) : STR_EMPTY;
}

unsigned eas_version_number(enum eas_version v)
{
	static const unsigned numbers[] = {
		[EAS_2_5] = 25,   [EAS_12_0] = 120, [EAS_12_1] = 121, [EAS_14_0] = 140,
		[EAS_14_1] = 141, [EAS_16_0] = 160, [EAS_16_1] = 161,
	};
	static_assert(countof(numbers) == EAS_VERSION_MAX_, "one number per version");

	return numbers[v];
}

static const struct tag_row *row_of(unsigned page, unsigned token)
{
	if (page >= PAGES_N || token >= TOKENS_N || !tag_rows[page][token].name)
		return NULL;
	return &tag_rows[page][token];
}

static const struct tag_row *row_of_tag(enum wbxml_tag tag)
{
	return row_of((unsigned)tag >> 8, (unsigned)tag & 0xff);
}

struct str wbxml_tag_name(enum wbxml_tag tag)
{
	const struct tag_row *row = row_of_tag(tag);

	return row ? str_from(row->name, row->name_n) : STR_EMPTY;
}

struct str wbxml_page_namespace(uint8_t page)
{
	return page < PAGES_N ? str_of(page_namespaces[page]) : STR_EMPTY;
}

bool wbxml_tag_known(uint8_t page, uint8_t token)
{
	return row_of(page, token) != NULL;
}

bool wbxml_tag_in(enum wbxml_tag tag, enum eas_version v)
{
	const struct tag_row *row = row_of_tag(tag);

	return row && (unsigned)v >= row->since && (unsigned)v <= row->until;
}

bool wbxml_tag_binary(enum wbxml_tag tag)
{
	const struct tag_row *row = row_of_tag(tag);

	return row && row->binary;
}

static enum err find_in_page(unsigned page, struct str name, enum wbxml_tag *ret)
{
	for (unsigned token = 0; token < TOKENS_N; token++) {
		const struct tag_row *row = row_of(page, token);

		if (row && str_eq(name, str_from(row->name, row->name_n))) {
			*ret = (enum wbxml_tag)(page << 8 | token);
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}

enum err wbxml_tag_find(struct str ns, struct str name, enum wbxml_tag *ret)
{
	for (unsigned page = 0; page < PAGES_N; page++)
		if (page_namespaces[page] && str_eq(ns, str_of(page_namespaces[page])))
			return find_in_page(page, name, ret);
	return ERR_NOT_FOUND;
}
