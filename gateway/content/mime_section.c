/* Section numbers of parts, and parts by their section numbers (RFC 3501 section 6.4.5). */
#include <gateway/content/mime.h>

static bool is_child(const struct mime_structure *m, size_t i, size_t parent)
{
	return m->parts[i].parent == (int32_t)parent;
}

/* How many children of its parent come up to this part, itself counted. */
static size_t ordinal(const struct mime_structure *m, size_t part)
{
	size_t n = 0;

	for (size_t i = (size_t)m->parts[part].parent + 1; i <= part; i++)
		n += m->parts[i].parent == m->parts[part].parent;
	return n;
}

/* The number a part adds to the section of its parent; 0 where it adds none. */
static size_t own_number(const struct mime_structure *m, size_t part)
{
	int32_t parent = m->parts[part].parent;

	if (parent < 0 || m->parts[parent].kind == MIME_MESSAGE)
		return m->parts[part].kind == MIME_MULTIPART ? 0 : 1;
	return ordinal(m, part);
}

void mime_section_put(struct buf *b, const struct mime_structure *m, size_t part)
{
	size_t numbers[MIME_DEPTH_MAX], n = 0;

	for (int32_t at = (int32_t)part; at >= 0 && n < countof(numbers); at = m->parts[at].parent) {
		numbers[n] = own_number(m, (size_t)at);
		n += numbers[n] > 0;
	}
	for (size_t i = n; i > 0; i--) {
		buf_u64(b, numbers[i - 1]);
		if (i > 1)
			buf_char(b, '.');
	}
}

/* The n-th child of a multipart; anything else is its own and only part. */
static enum err nth(const struct mime_structure *m, size_t within, uint64_t n, size_t *ret)
{
	if (m->parts[within].kind != MIME_MULTIPART) {
		*ret = within;
		return n == 1 ? ERR_OK : ERR_NOT_FOUND;
	}
	for (size_t i = within + 1; i < m->parts_n; i++) {
		if (!is_child(m, i, within) || --n > 0)
			continue;
		*ret = i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

enum err mime_section_find(const struct mime_structure *m, struct str section, size_t *ret_part)
{
	size_t part = 0;
	bool first = true;
	struct str number;

	while (section.n && str_cut(&section, '.', &number)) {
		uint64_t n;

		TRY(str_to_u64(number, MIME_PARTS_MAX, &n));
		if (n == 0 || (section.p && section.n == 0))
			return ERR_INVALID;
		/* Below a message are the parts of what is in it; below another leaf is nothing. */
		if (!first && m->parts[part].kind == MIME_MESSAGE)
			part++;
		else if (!first && m->parts[part].kind == MIME_LEAF)
			return ERR_NOT_FOUND;
		first = false;
		TRY(nth(m, part, n, &part));
	}
	*ret_part = part;
	return ERR_OK;
}
