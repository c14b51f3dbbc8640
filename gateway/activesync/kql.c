/* Queries as users type them: a recursive descent over octets. */
#include <gateway/activesync/kql.h>

#include <gateway/activesync/time_text.h>
#include <gateway/mailbox/search.h>
#include <store/rows.h>

#define DAY_MS (24 * 60 * 60 * INT64_C(1000))

struct kql {
	struct arena *arena;
	struct str rest;
	unsigned depth, words;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct kql *k)
{
	while (k->rest.n && is_blank(k->rest.p[0]))
		k->rest = str_slice(k->rest, 1, k->rest.n);
}

static bool at(const struct kql *k, char c)
{
	return k->rest.n && k->rest.p[0] == c;
}

static struct str take(struct kql *k, size_t n)
{
	struct str head = str_slice(k->rest, 0, n);

	k->rest = str_slice(k->rest, n, k->rest.n);
	return head;
}

/* An operator is a word of its own, in capitals (MS-KQL 2.1.9). */
static bool take_operator(struct kql *k, struct str name)
{
	skip_blanks(k);
	if (!str_starts(k->rest, name))
		return false;
	if (k->rest.n > name.n && !is_blank(k->rest.p[name.n]) && k->rest.p[name.n] != '(')
		return false;
	take(k, name.n);
	return true;
}

static bool ends_word(char c)
{
	return is_blank(c) || c == '(' || c == ')' || c == '"';
}

static struct str take_word(struct kql *k)
{
	size_t n = 0;

	while (n < k->rest.n && !ends_word(k->rest.p[n]))
		n++;
	return take(k, n);
}

/* Up to the next quote, or the end. */
static struct str take_phrase(struct kql *k)
{
	struct str phrase;

	take(k, 1);
	phrase = take(k, str_index(k->rest, '"'));
	take(k, 1);
	return phrase;
}

/* ---- words ---- */

/* Any part of a word is found, so the star for its beginning has nothing to add. */
static struct str without_stars(struct str word)
{
	while (word.n && word.p[word.n - 1] == '*')
		word.n--;
	return word;
}

static enum err text_node(struct kql *k, unsigned fields, struct str text, struct search_node *ret)
{
	if (++k->words > KQL_WORDS_MAX)
		return ERR_LIMIT;
	return mail_search_text(k->arena, fields, without_stars(text), ret);
}

/* ---- properties ---- */

enum comparison { EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL };

/* A value, or the day of a date: everything from `at` to before `end`. */
static void set_range(struct search_node *node, enum comparison c, int64_t at, int64_t end)
{
	node->from = c == EQUAL || c == GREATER_OR_EQUAL ? at : c == GREATER ? end : INT64_MIN;
	node->to = c == EQUAL || c == LESS_OR_EQUAL ? end : c == LESS ? at : INT64_MAX;
}

static bool received_node(struct str value, enum comparison c, struct search_node *ret)
{
	int64_t day;

	if (time_text_parse_day(value, &day))
		return false;
	*ret = (struct search_node){ .kind = SEARCH_RECEIVED };
	set_range(ret, c, day, day + DAY_MS);
	return true;
}

static bool size_node(struct str value, enum comparison c, struct search_node *ret)
{
	uint64_t v;

	if (str_to_u64(value, INT64_MAX - 1, &v))
		return false;
	*ret = (struct search_node){ .kind = SEARCH_SIZE };
	set_range(ret, c, (int64_t)v, (int64_t)v + 1);
	return true;
}

static bool flag_node(struct str value, unsigned flag, struct search_node *ret)
{
	bool yes = str_ieq(value, S("true")) || str_ieq(value, S("yes"));

	if (!yes && !str_ieq(value, S("false")) && !str_ieq(value, S("no")))
		return false;
	*ret = (struct search_node){ .kind = SEARCH_FLAGS, .set = yes ? flag : 0, .clear = yes ? 0 : flag };
	return true;
}

static bool read_node(struct str value, enum comparison c, struct search_node *ret)
{
	return c == EQUAL && flag_node(value, ITEM_SEEN, ret);
}

static bool flagged_node(struct str value, enum comparison c, struct search_node *ret)
{
	return c == EQUAL && flag_node(value, ITEM_FLAGGED, ret);
}

static bool category_node(struct str value, enum comparison c, struct search_node *ret)
{
	*ret = (struct search_node){ .kind = SEARCH_KEYWORD, .text = value };
	return c == EQUAL && value.n;
}

#define FIELDS_TO (SEARCH_FIELD(SEARCH_TO) | SEARCH_FIELD(SEARCH_CC) | SEARCH_FIELD(SEARCH_BCC))

static const struct property {
	struct str name;
	unsigned fields;                                                                  /* of a text; 0: value_node */
	bool (*value_node)(struct str value, enum comparison c, struct search_node *ret); /* false: no such value */
} properties[] = {
	{ STR_INIT("attachment"), SEARCH_FIELD(SEARCH_NAMES), NULL },
	{ STR_INIT("attachmentnames"), SEARCH_FIELD(SEARCH_NAMES), NULL },
	{ STR_INIT("bcc"), SEARCH_FIELD(SEARCH_BCC), NULL },
	{ STR_INIT("body"), SEARCH_FIELD(SEARCH_BODY), NULL },
	{ STR_INIT("category"), 0, category_node },
	{ STR_INIT("cc"), SEARCH_FIELD(SEARCH_CC), NULL },
	{ STR_INIT("date"), 0, received_node },
	{ STR_INIT("from"), SEARCH_FIELD(SEARCH_FROM), NULL },
	{ STR_INIT("isflagged"), 0, flagged_node },
	{ STR_INIT("isread"), 0, read_node },
	{ STR_INIT("participants"), SEARCH_FIELD(SEARCH_FROM) | FIELDS_TO, NULL },
	{ STR_INIT("received"), 0, received_node },
	{ STR_INIT("recipients"), FIELDS_TO, NULL },
	{ STR_INIT("size"), 0, size_node },
	{ STR_INIT("subject"), SEARCH_FIELD(SEARCH_SUBJECT), NULL },
	{ STR_INIT("to"), SEARCH_FIELD(SEARCH_TO), NULL },
};

static size_t property_of(struct str text, const struct property **ret)
{
	size_t n = 0;

	while (n < text.n && ((text.p[n] >= 'a' && text.p[n] <= 'z') || (text.p[n] >= 'A' && text.p[n] <= 'Z')))
		n++;
	for (size_t i = 0; i < countof(properties); i++)
		if (str_ieq(properties[i].name, str_slice(text, 0, n))) {
			*ret = &properties[i];
			return n;
		}
	return 0;
}

static size_t comparison_of(struct str text, enum comparison *ret)
{
	static const struct {
		struct str sign;
		enum comparison comparison;
	} signs[] = {
		{ STR_INIT(":"), EQUAL },          { STR_INIT("="), EQUAL },
		{ STR_INIT("<="), LESS_OR_EQUAL }, { STR_INIT(">="), GREATER_OR_EQUAL },
		{ STR_INIT("<"), LESS },           { STR_INIT(">"), GREATER },
	};

	for (size_t i = 0; i < countof(signs); i++)
		if (str_starts(text, signs[i].sign)) {
			*ret = signs[i].comparison;
			return signs[i].sign.n;
		}
	return 0;
}

static struct str take_value(struct kql *k)
{
	return at(k, '"') ? take_phrase(k) : take_word(k);
}

/* *known false: it is text, and nothing was taken. */
static enum err property_node(struct kql *k, struct search_node *ret, bool *known)
{
	const struct property *p;
	struct kql begun = *k;
	enum comparison c;
	size_t name = property_of(k->rest, &p), sign;
	struct str value;

	*known = false;
	if (name == 0)
		return ERR_OK;
	take(k, name);
	sign = comparison_of(k->rest, &c);
	take(k, sign);
	value = take_value(k);
	*known = sign > 0 && value.n > 0 && (p->fields ? c == EQUAL : p->value_node(value, c, ret));
	if (!*known) {
		*k = begun;
		return ERR_OK;
	}
	return p->fields ? text_node(k, p->fields, value, ret) : ERR_OK;
}

/* ---- expressions ---- */

static enum err or_node(struct kql *k, struct search_node *ret, bool *any);

static enum err parenthesised(struct kql *k, struct search_node *ret, bool *any)
{
	take(k, 1);
	k->depth++;
	TRY(or_node(k, ret, any));
	k->depth--;
	skip_blanks(k);
	if (at(k, ')'))
		take(k, 1);
	return ERR_OK;
}

static enum err word_node(struct kql *k, struct search_node *ret, bool *any)
{
	bool known;

	TRY(property_node(k, ret, &known));
	*any = true;
	if (known)
		return ERR_OK;
	struct str text = take_value(k);
	if (text.n == 0 && k->rest.n) /* a parenthesis too deep to be one */
		text = take(k, 1);
	return text_node(k, SEARCH_ANY, text, ret);
}

static bool take_not(struct kql *k)
{
	if (take_operator(k, S("NOT")))
		return true;
	if (!at(k, '-') || k->rest.n < 2 || is_blank(k->rest.p[1]) || k->rest.p[1] == '-')
		return false;
	take(k, 1);
	return true;
}

static enum err not_node(struct kql *k, struct search_node *ret, bool *any)
{
	struct search_node *child;

	*any = false;
	if (k->depth < KQL_DEPTH_MAX && take_not(k)) {
		child = arena_new(k->arena, struct search_node);
		if (!child)
			return ERR_LIMIT;
		k->depth++;
		TRY(not_node(k, child, any));
		k->depth--;
		*ret = (struct search_node){ .kind = SEARCH_NOT, .children = child, .children_n = 1 };
		return ERR_OK;
	}
	skip_blanks(k);
	if (k->rest.n == 0 || (at(k, ')') && k->depth > 0))
		return ERR_OK;
	if (at(k, '(') && k->depth < KQL_DEPTH_MAX)
		return parenthesised(k, ret, any);
	return word_node(k, ret, any);
}

/* One child is itself. */
static void join(enum search_kind kind, const struct rows *children, struct search_node *ret, bool *any)
{
	const struct search_node *nodes = children->p;

	*any = children->n > 0;
	if (children->n == 1)
		*ret = nodes[0];
	else if (children->n)
		*ret = (struct search_node){ .kind = kind, .children = nodes, .children_n = children->n };
}

static enum err keep(struct rows *children, const struct search_node *node)
{
	struct search_node *to = rows_add(children);

	if (!to)
		return ERR_LIMIT;
	*to = *node;
	return ERR_OK;
}

static bool is_operator(struct kql k, struct str name)
{
	return take_operator(&k, name);
}

static bool ends_and(const struct kql *k)
{
	return k->rest.n == 0 || (at(k, ')') && k->depth > 0) || is_operator(*k, S("OR"));
}

static enum err and_node(struct kql *k, struct search_node *ret, bool *any)
{
	struct rows children = rows_of(k->arena, sizeof(struct search_node));
	struct search_node node;
	bool child;

	for (skip_blanks(k); !ends_and(k); skip_blanks(k)) {
		if (take_operator(k, S("AND")))
			continue;
		TRY(not_node(k, &node, &child));
		if (child)
			TRY(keep(&children, &node));
	}
	join(SEARCH_AND, &children, ret, any);
	return ERR_OK;
}

static enum err or_node(struct kql *k, struct search_node *ret, bool *any)
{
	struct rows children = rows_of(k->arena, sizeof(struct search_node));
	struct search_node node;
	bool child;

	do {
		TRY(and_node(k, &node, &child));
		if (child)
			TRY(keep(&children, &node));
	} while (take_operator(k, S("OR")));
	join(SEARCH_OR, &children, ret, any);
	return ERR_OK;
}

enum err kql_parse(struct arena *a, struct str text, struct search_node *ret)
{
	struct kql k = { .arena = a, .rest = text };
	bool any;

	if (text.n > KQL_TEXT_MAX)
		return ERR_LIMIT;
	TRY(or_node(&k, ret, &any));
	return any ? ERR_OK : ERR_INVALID;
}
