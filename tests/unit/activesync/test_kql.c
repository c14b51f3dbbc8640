/* What users type, as a tree. */
#include <gateway/activesync/kql.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ARENA_BYTES = 4 << 20 };

static void put(struct buf *b, const struct search_node *node)
{
	static const char *const names[SEARCH_KIND_MAX_] = {
		[SEARCH_ALL] = "all",     [SEARCH_AND] = "and",         [SEARCH_OR] = "or",
		[SEARCH_NOT] = "not",     [SEARCH_TEXT] = "text",       [SEARCH_RECEIVED] = "received",
		[SEARCH_SIZE] = "size",   [SEARCH_FLAGS] = "flags",     [SEARCH_KEYWORD] = "keyword",
		[SEARCH_CLASS] = "class", [SEARCH_FOLDERS] = "folders",
	};

	switch ((int)node->kind) {
	case SEARCH_TEXT:
		if (node->fields != SEARCH_ANY)
			buf_fmt(b, "%x:", node->fields);
		buf_fmt(b, "'" STR_FMT "'", STR_ARG(node->text));
		return;
	case SEARCH_RECEIVED:
	case SEARCH_SIZE:
		buf_fmt(b, "%s[%lld,%lld)", names[node->kind], node->from == INT64_MIN ? -1LL : (long long)node->from,
			node->to == INT64_MAX ? -1LL : (long long)node->to);
		return;
	case SEARCH_FLAGS:
		buf_fmt(b, "flags+%x-%x", node->set, node->clear);
		return;
	case SEARCH_KEYWORD:
		buf_fmt(b, "keyword'" STR_FMT "'", STR_ARG(node->text));
		return;
	default:
		buf_cstr(b, names[node->kind]);
	}
	if (node->children_n == 0)
		return;
	buf_char(b, '(');
	for (size_t i = 0; i < node->children_n; i++) {
		buf_cstr(b, i ? " " : "");
		put(b, &node->children[i]);
	}
	buf_char(b, ')');
}

static const struct {
	const char *text, *tree;
} cases[] = {
	{ "meeting", "'meeting'" },
	{ "  meeting ", "'meeting'" },
	{ "Meeting Room", "and('meeting' 'room')" },
	{ "meeting AND room", "and('meeting' 'room')" },
	{ "meeting OR room", "or('meeting' 'room')" },
	{ "a OR b c OR d", "or('a' and('b' 'c') 'd')" },
	{ "meeting and room", "and('meeting' 'and' 'room')" },
	{ "NOT meeting", "not('meeting')" },
	{ "room NOT meeting", "and('room' not('meeting'))" },
	{ "room -meeting", "and('room' not('meeting'))" },
	{ "NOT NOT a", "not(not('a'))" },
	{ "well-known", "'well-known'" },
	{ "- a", "and('-' 'a')" },
	{ "--", "'--'" },
	{ "ORDER NOTE ANDY", "and('order' 'note' 'andy')" },
	{ "\"meeting room\"", "'meeting room'" },
	{ "\"meeting room", "'meeting room'" },
	{ "\"a OR b\"", "'a or b'" },
	{ "x\"y z\"", "and('x' 'y z')" },
	{ "meet*", "'meet'" },
	{ "*", "all" },
	{ "\"\"", "all" },
	{ "(a OR b) c", "and(or('a' 'b') 'c')" },
	{ "(a b", "and('a' 'b')" },
	{ "a b)", "and('a' 'b' ')')" },
	{ "()", NULL },
	{ "( OR ) AND", NULL },
	{ "", NULL },
	{ " \t\r\n", NULL },
	{ "OR", NULL },
	{ "NOT", NULL },
	{ "from:ann", "2:'ann'" },
	{ "From:\"Ann B\" offer", "and(2:'ann b' 'offer')" },
	{ "to:a cc:b bcc:c", "and(4:'a' 8:'b' 10:'c')" },
	{ "subject:Grüße", "1:'grusse'" },
	{ "participants:x", "1e:'x'" },
	{ "attachment:report.pdf", "40:'report.pdf'" },
	{ "NOT from:ann", "not(2:'ann')" },
	{ "from:", "'from:'" },
	{ "from: ann", "and('from:' 'ann')" },
	{ "from>ann", "'from>ann'" },
	{ "http://example.org/", "'http://example.org/'" },
	{ "fromage:x", "'fromage:x'" },
	{ "isread:false", "flags+0-1" },
	{ "isflagged:yes", "flags+4-0" },
	{ "isread:perhaps", "'isread:perhaps'" },
	{ "category:red", "keyword'red'" },
	{ "size>1000", "size[1001,-1)" },
	{ "size<=1000", "size[-1,1001)" },
	{ "received:2026-01-01", "received[1767225600000,1767312000000)" },
	{ "received>=2026-01-01", "received[1767225600000,-1)" },
	{ "received<1/1/2026", "received[-1,1767225600000)" },
	{ "received>2026-01-01", "received[1767312000000,-1)" },
	{ "received:2026-02-31", "'received:2026-02-31'" },
	{ "received:soon", "'received:soon'" },
};

static void a_query_is_a_tree(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
		CLEANUP(buf_release) struct buf tree = BUF_INIT(4096);
		struct search_node node;
		enum err e = kql_parse(&a, str_of(cases[i].text), &node);

		if (!e)
			put(&tree, &node);
		if (e ? cases[i].tree || e != ERR_INVALID
		      : !cases[i].tree || !str_eq(buf_view(&tree), str_of(cases[i].tree)))
			fail_msg("%s: %s " STR_FMT, cases[i].text, err_text(e), STR_ARG(buf_view(&tree)));
	}
}

static enum err parse_n(const char *piece, size_t n)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf text = BUF_INIT(1 << 20);
	struct search_node node;

	for (size_t i = 0; i < n; i++)
		buf_cstr(&text, piece);
	return kql_parse(&a, buf_view(&text), &node);
}

static void a_query_is_bounded(void **unused)
{
	(void)unused;
	assert_int_equal(parse_n("a ", KQL_WORDS_MAX), ERR_OK);
	assert_int_equal(parse_n("a ", KQL_WORDS_MAX + 1), ERR_LIMIT);
	assert_int_equal(parse_n(" ", KQL_TEXT_MAX), ERR_INVALID);
	assert_int_equal(parse_n(" ", KQL_TEXT_MAX + 1), ERR_LIMIT);
	assert_int_equal(parse_n("x", SEARCH_TEXT_MAX), ERR_OK);
	assert_int_equal(parse_n("x", SEARCH_TEXT_MAX + 1), ERR_LIMIT);
	assert_int_equal(parse_n("(", KQL_DEPTH_MAX), ERR_INVALID);
	assert_int_equal(parse_n("(", KQL_DEPTH_MAX + 1), ERR_OK); /* the last one is text */
	assert_int_equal(parse_n("NOT ", 2000), ERR_LIMIT);
}

/* Whatever is typed, the store takes the tree: it is never deeper than that. */
static unsigned depth_of(const struct search_node *node)
{
	unsigned deepest = 0;

	for (size_t i = 0; i < node->children_n; i++)
		if (depth_of(&node->children[i]) > deepest)
			deepest = depth_of(&node->children[i]);
	return deepest + 1;
}

static void the_deepest_query_is_one_of_the_stores(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4096);
	struct search_node node;

	(void)unused;
	for (size_t i = 0; i < KQL_DEPTH_MAX + 3; i++)
		buf_cstr(&text, "x OR y (");
	buf_cstr(&text, "z");
	assert_int_equal(kql_parse(&a, buf_view(&text), &node), ERR_OK);
	assert_true(depth_of(&node) < SEARCH_DEPTH_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_is_a_tree),
		cmocka_unit_test(a_query_is_bounded),
		cmocka_unit_test(the_deepest_query_is_one_of_the_stores),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
