/* Message sources: one over memory, and the exact read that all users share. */
#include <gateway/content/source.h>

static enum err str_read(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	const struct str *bytes = ctx;
	struct str part;

	if (off >= bytes->n) {
		*got = 0;
		return ERR_OK;
	}
	part = str_from(bytes->p + off, bytes->n - (size_t)off);
	if (part.n > n)
		part.n = n;
	memcpy(p, part.p, part.n);
	*got = part.n;
	return ERR_OK;
}

struct mail_source mail_source_of_str(struct str *bytes)
{
	return (struct mail_source){ .read = str_read, .ctx = bytes, .size = bytes->n };
}

enum err mail_source_read(const struct mail_source *src, uint64_t off, void *p, size_t n)
{
	char *at = p;

	while (n) {
		size_t got = 0;

		TRY(src->read(src->ctx, off, at, n, &got));
		if (got == 0 || got > n)
			return ERR_CORRUPT;
		at += got;
		off += got;
		n -= got;
	}
	return ERR_OK;
}
