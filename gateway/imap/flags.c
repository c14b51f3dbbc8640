/* Flags. */
#include <gateway/imap/flags.h>

#include <gateway/imap/limits.h>

static const struct {
	struct str name;
	unsigned flag;
} names[] = {
	{ STR_INIT("\\Answered"), ITEM_ANSWERED }, { STR_INIT("\\Flagged"), ITEM_FLAGGED },
	{ STR_INIT("\\Deleted"), ITEM_DELETED },   { STR_INIT("\\Seen"), ITEM_SEEN },
	{ STR_INIT("\\Draft"), ITEM_DRAFT },       { STR_INIT("$Forwarded"), ITEM_FORWARDED },
};

enum { FLAGS_MAX = 256 };

static bool is_atom(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f || strchr("(){%*\"\\]", s.p[i]))
			return false;
	return s.n > 0 && s.n <= IMAP_MAX_KEYWORD;
}

static bool in_list(const struct imap_flags *f, struct str keyword)
{
	for (size_t i = 0; i < f->n; i++)
		if (str_ieq(f->keywords[i], keyword))
			return true;
	return false;
}

static struct str flag_word(struct imap_in *in)
{
	size_t from = in->at;

	in_try(in, '\\');
	(void)in_atom(in);
	return in_ok(in) ? str_slice(in->text, from, in->at) : STR_EMPTY;
}

static void add_flag(struct imap_in *in, struct imap_flags *f)
{
	struct str word = flag_word(in);

	for (size_t i = 0; i < countof(names); i++) {
		if (str_ieq(word, names[i].name)) {
			f->flags |= names[i].flag;
			return;
		}
	}
	if (!in_ok(in) || str_ieq(word, S("\\Recent")) || in_list(f, word))
		return;
	if (word.n && word.p[0] == '\\')
		in_fail(in, "no such system flag");
	else if (word.n > IMAP_MAX_KEYWORD)
		in_fail(in, "keyword too long");
	else if (f->n == FLAGS_MAX)
		in_fail(in, "too many keywords");
	else
		f->keywords[f->n++] = word;
}

struct imap_flags in_flags(struct imap_in *in, bool bare)
{
	struct imap_flags f = { .keywords = arena_array(in->arena, FLAGS_MAX, sizeof(*f.keywords)) };

	if (!f.keywords)
		in_fail(in, "too much to keep");
	if (in_try_open(in)) {
		if (in_try_close(in))
			return f;
		do
			add_flag(in, &f);
		while (in_more(in));
		return f;
	}
	if (!bare)
		in_fail(in, "a list of flags is missing");
	do
		add_flag(in, &f);
	while (in_ok(in) && in_try(in, ' '));
	return f;
}

void imap_put_flags(struct buf *b, unsigned flags, struct str keywords)
{
	const char *between = "(";
	struct str keyword;

	for (size_t i = 0; i < countof(names); i++) {
		if (!(flags & names[i].flag))
			continue;
		buf_cstr(b, between);
		buf_str(b, names[i].name);
		between = " ";
	}
	while (str_cut(&keywords, '\n', &keyword)) {
		if (!is_atom(keyword))
			continue;
		buf_cstr(b, between);
		buf_str(b, keyword);
		between = " ";
	}
	buf_cstr(b, *between == '(' ? "()" : ")");
}

bool imap_keyword_has(struct str stored, struct str keyword)
{
	struct str one;

	while (str_cut(&stored, '\n', &one))
		if (one.n && str_ieq(one, keyword))
			return true;
	return false;
}

/* Does a stored keyword stay? */
static bool stays(const struct imap_flags *f, struct str keyword, enum imap_flags_how how)
{
	if (keyword.n == 0)
		return false;
	if (how == IMAP_FLAGS_ADD || !is_atom(keyword))
		return true;
	return in_list(f, keyword) == (how == IMAP_FLAGS_SET);
}

enum err imap_keywords_apply(struct arena *a, struct str stored, const struct imap_flags *f, enum imap_flags_how how,
			     struct str *ret)
{
	struct buf b = BUF_INIT(ITEM_KEYWORDS_MAX);
	struct str rest = stored, keyword;
	enum err e;

	while (str_cut(&rest, '\n', &keyword)) {
		if (!stays(f, keyword, how))
			continue;
		buf_str(&b, keyword);
		buf_char(&b, '\n');
	}
	for (size_t i = 0; how != IMAP_FLAGS_REMOVE && i < f->n; i++) {
		if (imap_keyword_has(stored, f->keywords[i]))
			continue;
		buf_str(&b, f->keywords[i]);
		buf_char(&b, '\n');
	}
	e = buf_status(&b);
	if (!e)
		e = arena_str(a, buf_view(&b), ret);
	buf_release(&b);
	return e;
}
