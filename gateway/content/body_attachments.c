/* The list of attachments, and the decoded octets of one part. */
#include <gateway/content/body.h>

#include <gateway/content/body_select.h>

/* Names for what came without one, by type. */
static const struct {
	struct str type, extension;
} extensions[] = {
	{ STR_INIT("text/calendar"), STR_INIT(".ics") },
	{ STR_INIT("text/vcard"), STR_INIT(".vcf") },
	{ STR_INIT("text/x-vcard"), STR_INIT(".vcf") },
	{ STR_INIT("text/plain"), STR_INIT(".txt") },
	{ STR_INIT("text/html"), STR_INIT(".html") },
	{ STR_INIT("image/png"), STR_INIT(".png") },
	{ STR_INIT("image/jpeg"), STR_INIT(".jpg") },
	{ STR_INIT("image/gif"), STR_INIT(".gif") },
	{ STR_INIT("application/pdf"), STR_INIT(".pdf") },
	{ STR_INIT("message/delivery-status"), STR_INIT(".txt") },
	{ STR_INIT("text/rfc822-headers"), STR_INIT(".txt") },
	{ STR_INIT("message/disposition-notification"), STR_INIT(".txt") },
	{ STR_INIT("application/pkcs7-mime"), STR_INIT(".p7m") },
};

struct str body_extension(struct str type)
{
	for (size_t i = 0; i < countof(extensions); i++)
		if (str_eq(extensions[i].type, type))
			return extensions[i].extension;
	return S(".bin");
}

static enum err joined(struct arena *a, struct str head, struct str middle, struct str tail, struct str *ret)
{
	char *p = arena_alloc(a, head.n + middle.n + tail.n);

	if (!p)
		return ERR_LIMIT;
	if (head.n)
		memcpy(p, head.p, head.n);
	if (middle.n)
		memcpy(p + head.n, middle.p, middle.n);
	if (tail.n)
		memcpy(p + head.n + middle.n, tail.p, tail.n);
	*ret = str_from(p, head.n + middle.n + tail.n);
	return ERR_OK;
}

/* A message is named by its subject; what has no name by its type. Never a path: slashes and backslashes go. */
static enum err display_name(struct arena *a, const struct mime_structure *m, size_t i, struct body_attachment *ret)
{
	const struct mime_part *part = &m->parts[i];
	struct str name = part->name;
	char *p;

	if (part->kind == MIME_MESSAGE && name.n == 0 && i + 1 < m->parts_n)
		name = m->parts[i + 1].name;
	if (name.n == 0)
		name = part->kind == MIME_MESSAGE ? S("message") : S("attachment");
	if (part->kind == MIME_MESSAGE)
		TRY(joined(a, name, STR_EMPTY, str_ends(name, S(".eml")) ? STR_EMPTY : S(".eml"), &name));
	else
		TRY(joined(a, name, STR_EMPTY, part->name.n ? STR_EMPTY : body_extension(ret->content_type), &name));
	p = (char *)(uintptr_t)name.p; /* the copy just made */
	for (size_t at = 0; at < name.n; at++)
		if (p[at] == '/' || p[at] == '\\')
			p[at] = '_';
	ret->display_name = name;
	return ERR_OK;
}

/* Base64 makes four octets of three, and a line end after 57 of them; the others are near enough as they are. */
static uint64_t decoded_size(const struct mime_part *part)
{
	uint64_t breaks = 2 * part->lines;

	if (part->encoding != TRANSFER_BASE64)
		return part->body_len;
	return (part->body_len > breaks ? part->body_len - breaks : 0) / 4 * 3;
}

static enum err describe(struct arena *a, const struct mime_structure *m, size_t i, bool is_inline,
			 struct body_attachment *ret)
{
	const struct mime_part *part = &m->parts[i];

	*ret = (struct body_attachment){
		.part = i,
		.content_id = part->content_id,
		.location = part->location,
		.is_inline = is_inline,
		.method = part->kind == MIME_MESSAGE ? ATTACHMENT_MESSAGE : ATTACHMENT_NORMAL,
		.size = decoded_size(part),
	};
	TRY(joined(a, part->type, S("/"), part->subtype, &ret->content_type));
	return display_name(a, m, i, ret);
}

enum err body_attachments(struct arena *a, const struct mime_structure *m, size_t part, struct body_attachment **ret,
			  size_t *ret_n)
{
	size_t root = part > 0 && m->parts[part].kind == MIME_MESSAGE && part + 1 < m->parts_n ? part + 1 : part;
	size_t end = body_parts_end(m, root), n = 0;
	unsigned char *roles = body_roles(a, m, root, BODY_HTML);
	struct body_attachment *list;

	if (!roles)
		return ERR_LIMIT;
	for (size_t i = root; i < end; i++)
		n += roles[i - root] == ROLE_ATTACHMENT || roles[i - root] == ROLE_RELATED;
	if (n > BODY_ATTACHMENTS_MAX)
		n = BODY_ATTACHMENTS_MAX;
	list = arena_array(a, n, sizeof(*list));
	if (!list)
		return ERR_LIMIT;
	*ret_n = 0;
	for (size_t i = root; i < end && *ret_n < n; i++) {
		bool related = roles[i - root] == ROLE_RELATED;

		if (related || roles[i - root] == ROLE_ATTACHMENT)
			TRY(describe(a, m, i, related, &list[(*ret_n)++]));
	}
	*ret = list;
	return ERR_OK;
}

/* A window over decoded octets. */
struct window {
	struct body_sink sink;
	uint64_t from, left; /* octets still to pass over, and to put */
	uint64_t total;
};

static enum err window_put(struct window *w, struct str s)
{
	uint64_t skip = s.n < w->from ? s.n : w->from;

	w->total += s.n;
	w->from -= skip;
	s = str_slice(s, (size_t)skip, s.n);
	if (s.n > w->left)
		s.n = (size_t)w->left;
	w->left -= s.n;
	return s.n ? w->sink.put(w->sink.ctx, s) : ERR_OK;
}

enum err body_part_decode(const struct mail_source *src, const struct mime_part *part, uint64_t off, uint64_t max_bytes,
			  struct body_sink sink, uint64_t *ret_total)
{
	CLEANUP(buf_release) struct buf decoded = BUF_INIT(MAIL_SOURCE_CHUNK + TRANSFER_BLANKS_MAX);
	struct transfer_stream transfer = { .encoding = part->encoding };
	struct window w = { .sink = sink, .from = off, .left = max_bytes };
	uint64_t at = part->body_off, left = part->body_len;

	while (left) {
		char chunk[MAIL_SOURCE_CHUNK];
		size_t n = left < sizeof(chunk) ? (size_t)left : sizeof(chunk);

		TRY(mail_source_read(src, at, chunk, n));
		buf_clear(&decoded);
		transfer_put(&transfer, &decoded, str_from(chunk, n));
		TRY(buf_status(&decoded));
		TRY(window_put(&w, buf_view(&decoded)));
		at += n;
		left -= n;
	}
	buf_clear(&decoded);
	transfer_finish(&transfer, &decoded);
	TRY(window_put(&w, buf_view(&decoded)));
	*ret_total = w.total;
	return ERR_OK;
}
