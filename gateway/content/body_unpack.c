/* Attachments that came inside of a winmail.dat. */
#include <gateway/content/body.h>

#include <gateway/content/body_select.h>
#include <gateway/content/tnef.h>

enum { BLANK_BODY_MAX = 4 }; /* octets of a text part that are nothing but line ends */

static bool is_tnef(const struct mime_part *part)
{
	return part->kind == MIME_LEAF &&
	       (mime_is(part, S("application"), S("ms-tnef")) || mime_is(part, S("application"), S("vnd.ms-tnef")) ||
		(mime_is(part, S("application"), S("octet-stream")) && str_ieq(part->name, S("winmail.dat"))));
}

static enum err feed(void *ctx, struct str octets)
{
	return tnef_put(ctx, octets);
}

static enum err read_tnef(struct arena *a, const struct mail_source *src, const struct mime_part *part,
			  struct tnef *ret)
{
	CLEANUP(tnef_release) struct tnef_reader r;
	uint64_t total;

	tnef_init(&r, a);
	TRY(body_part_decode(src, part, 0, UINT64_MAX, (struct body_sink){ feed, &r }, &total));
	return tnef_finish(&r, ret);
}

static bool is_file(const struct tnef_file *f)
{
	return f->has_data && !f->is_object;
}

/* Does the mail itself show a text? */
static bool has_text(struct arena *a, const struct mime_structure *m)
{
	unsigned char *roles = body_roles(a, m, 0, BODY_HTML);

	for (size_t i = 0; roles && i < m->parts_n; i++)
		if ((roles[i] == ROLE_TEXT || roles[i] == ROLE_HTML) && m->parts[i].body_len > BLANK_BODY_MAX)
			return true;
	return false;
}

/* Is everything of it in the list and the mail, so that nobody misses it? Any class but a plain mail's says more. */
static bool is_used_up(const struct tnef *t, bool mail_has_text)
{
	for (size_t i = 0; i < t->files_n; i++)
		if (!is_file(&t->files[i]))
			return false;
	if (t->message_class.n && !str_ieq(t->message_class, S("IPM.Note")) &&
	    !str_ieq(t->message_class, S("IPM.Microsoft Mail.Note")))
		return false;
	return mail_has_text || !t->has_body;
}

/* What it says, where that is a type; WBXML and headers carry it. */
static struct str type_of(const struct tnef_file *f)
{
	size_t slash = str_index(f->content_type, '/');

	if (slash == 0 || slash + 1 >= f->content_type.n || f->content_type.n > MIME_WORD_MAX)
		return S("application/octet-stream");
	for (size_t i = 0; i < f->content_type.n; i++)
		if (f->content_type.p[i] <= ' ' || f->content_type.p[i] > '~')
			return S("application/octet-stream");
	return f->content_type;
}

/* Never a path; never empty. */
static enum err name_of(struct arena *a, const struct tnef_file *f, struct str *ret)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(TNEF_FIELD_MAX);

	buf_str(&name, f->name.n ? f->name : S("attachment"));
	if (f->name.n == 0)
		buf_str(&name, body_extension(type_of(f)));
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == '/' || name.p[i] == '\\')
			name.p[i] = '_';
	TRY(buf_status(&name));
	return arena_str(a, buf_view(&name), ret);
}

static enum err describe(struct arena *a, const struct tnef_file *f, size_t part, size_t inner,
			 struct body_attachment *ret)
{
	*ret = (struct body_attachment){
		.part = part,
		.inner = inner,
		.content_type = type_of(f),
		.content_id = f->content_id,
		.location = f->location,
		.method = ATTACHMENT_NORMAL,
		.size = f->len,
	};
	return name_of(a, f, &ret->display_name);
}

struct list {
	struct body_attachment *at;
	size_t n, outer_left; /* listed, and still to come from the mail itself */
	size_t unpacked;
};

static enum err add_files(struct arena *a, struct list *l, const struct tnef *t, size_t part)
{
	for (size_t i = 0; i < t->files_n; i++)
		if (is_file(&t->files[i]))
			TRY(describe(a, &t->files[i], part, i + 1, &l->at[l->n++]));
	return ERR_OK;
}

/* ERR_INVALID: broken. ERR_LIMIT: more than is unpacked, or listed. */
static enum err unpack(struct arena *a, const struct mail_source *src, const struct mime_structure *m, size_t part,
		       struct list *l, bool *ret_used_up)
{
	struct tnef t;

	if (l->unpacked++ >= BODY_UNPACKED_MAX)
		return ERR_LIMIT;
	TRY(read_tnef(a, src, &m->parts[part], &t));
	if (l->n + t.files_n + 1 + l->outer_left > BODY_ATTACHMENTS_MAX)
		return ERR_LIMIT;
	*ret_used_up = is_used_up(&t, has_text(a, m));
	return add_files(a, l, &t, part);
}

/* One of the message's own attachments, or what is in it. */
static enum err add(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
		    const struct body_attachment *own, struct list *l)
{
	bool used_up = false;
	enum err e;

	l->outer_left--;
	if (is_tnef(&m->parts[own->part])) {
		e = unpack(a, src, m, own->part, l, &used_up);
		if (e && e != ERR_INVALID && e != ERR_LIMIT)
			return e;
	}
	if (!used_up)
		l->at[l->n++] = *own;
	return ERR_OK;
}

enum err body_attachments_unpacked(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
				   struct body_attachment **ret, size_t *ret_n)
{
	struct body_attachment *own;
	struct list l = { 0 };
	bool any = false;
	size_t n;

	TRY(body_attachments(a, m, 0, &own, &n));
	for (size_t i = 0; i < n; i++)
		any |= is_tnef(&m->parts[own[i].part]);
	if (!any) {
		*ret = own;
		*ret_n = n;
		return ERR_OK;
	}
	l.outer_left = n;
	l.at = arena_array(a, BODY_ATTACHMENTS_MAX, sizeof(*l.at));
	if (!l.at)
		return ERR_LIMIT;
	for (size_t i = 0; i < n; i++)
		TRY(add(a, src, m, &own[i], &l));
	*ret = l.at;
	*ret_n = l.n;
	return ERR_OK;
}

enum err body_inner_find(struct arena *a, const struct mail_source *src, const struct mime_part *part, size_t inner,
			 struct str *ret_type, uint64_t *ret_off, uint64_t *ret_len)
{
	const struct tnef_file *f;
	struct tnef t;
	enum err e = is_tnef(part) && inner > 0 ? read_tnef(a, src, part, &t) : ERR_NOT_FOUND;

	if (e)
		return e == ERR_INVALID ? ERR_NOT_FOUND : e;
	if (inner > t.files_n || !is_file(&t.files[inner - 1]))
		return ERR_NOT_FOUND;
	f = &t.files[inner - 1];
	*ret_type = type_of(f);
	*ret_off = f->off;
	*ret_len = f->len;
	return ERR_OK;
}
