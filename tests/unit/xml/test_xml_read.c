/* The reader of small XML documents from strangers. */
#include <gateway/xml/xml_read.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ARENA = 8 * 1024 * 1024 };

/* "ns:name[@name=value](text){children}" */
static void show(struct buf *b, const struct xml_node *node)
{
	buf_fmt(b, STR_FMT ":" STR_FMT, STR_ARG(node->ns), STR_ARG(node->name));
	for (const struct xml_attribute *a = node->attributes; a; a = a->next)
		buf_fmt(b, "[" STR_FMT ":" STR_FMT "=" STR_FMT "]", STR_ARG(a->ns), STR_ARG(a->name),
			STR_ARG(a->value));
	if (node->text.n)
		buf_fmt(b, "(" STR_FMT ")", STR_ARG(node->text));
	for (const struct xml_node *c = node->child; c; c = c->next) {
		assert_ptr_equal(c->parent, node);
		buf_char(b, '{');
		show(b, c);
		buf_char(b, '}');
	}
}

static void documents_become_trees(void **unused)
{
	static const struct {
		const char *what;
		struct str xml, tree;
	} cases[] = {
		{ "an element", STR_INIT("<a/>"), STR_INIT(":a") },
		{ "children in their order", STR_INIT("<a><b/><c>1</c><b>2</b></a>"),
		  STR_INIT(":a{:b}{:c(1)}{:b(2)}") },
		{ "text is trimmed", STR_INIT("<a>\n x y \r\n</a>"), STR_INIT(":a(x y)") },
		{ "text around children is one", STR_INIT("<a>x<b>z</b>y</a>"), STR_INIT(":a(xy){:b(z)}") },
		{ "namespaces", STR_INIT("<a xmlns='u:1' xmlns:p='u:2'><p:b q='1' p:r='2'/></a>"),
		  STR_INIT("u:1:a{u:2:b[:q=1][u:2:r=2]}") },
		{ "the five entities and numbers", STR_INIT("<a>&lt;&amp;&gt;&quot;&apos;&#65;</a>"),
		  STR_INIT(":a(<&>\"'A)") },
		{ "CDATA", STR_INIT("<a><![CDATA[<b>&]]></a>"), STR_INIT(":a(<b>&)") },
		{ "a comment and an instruction", STR_INIT("<a><!-- c --><?p i?>x</a>"), STR_INIT(":a(x)") },
		{ "ISO-8859-1", STR_INIT("<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>"),
		  STR_INIT(":a(\xc3\xa4)") },
		{ "UTF-16", STR_INIT("\xff\xfe<\0a\0/\0>\0"), STR_INIT(":a") },
		{ "a byte order mark", STR_INIT("\xef\xbb\xbf<a/>"), STR_INIT(":a") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct buf b = BUF_INIT(4096);
		struct xml_node *root;

		if (xml_read(&a, cases[i].xml, &root))
			fail_msg("%s: refused", cases[i].what);
		show(&b, root);
		if (!str_eq(buf_view(&b), cases[i].tree))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&b)));
		buf_release(&b);
		arena_release(&a);
	}
}

static void what_is_no_document_is_refused(void **unused)
{
	static const struct {
		const char *what;
		struct str xml;
	} cases[] = {
		{ "nothing", STR_INIT("") },
		{ "text", STR_INIT("hello") },
		{ "an end that is missing", STR_INIT("<a><b></b>") },
		{ "ends that cross", STR_INIT("<a><b></a></b>") },
		{ "two roots", STR_INIT("<a/><b/>") },
		{ "a prefix that is not bound", STR_INIT("<p:a/>") },
		{ "an entity that is not there", STR_INIT("<a>&x;</a>") },
		{ "bytes that are no UTF-8", STR_INIT("<a>\xff</a>") },
		{ "an encoding that is not known", STR_INIT("<?xml version='1.0' encoding='EBCDIC'?><a/>") },
		{ "a document type", STR_INIT("<!DOCTYPE a><a/>") },
		{ "a document type with entities that grow",
		  STR_INIT("<!DOCTYPE a [<!ENTITY x 'xxxx'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>") },
		{ "an external document type", STR_INIT("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>") },
		{ "a NUL", STR_INIT("<a>\0</a>") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct xml_node *root = NULL;

		if (xml_read(&a, cases[i].xml, &root) != ERR_INVALID || root)
			fail_msg("%s: taken", cases[i].what);
		arena_release(&a);
	}
}

static enum err read_nested(size_t depth)
{
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(ARENA);
	struct xml_node *root;
	enum err e;

	for (size_t i = 0; i < depth; i++)
		buf_cstr(&b, "<a>");
	for (size_t i = 0; i < depth; i++)
		buf_cstr(&b, "</a>");
	e = xml_read(&a, buf_view(&b), &root);
	buf_release(&b);
	arena_release(&a);
	return e;
}

/* The root and `n` more. */
static enum err read_wide(size_t n, const char *each)
{
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(ARENA);
	struct xml_node *root;
	enum err e;

	buf_cstr(&b, "<a>");
	for (size_t i = 0; i < n; i++)
		buf_cstr(&b, each);
	buf_cstr(&b, "</a>");
	e = xml_read(&a, buf_view(&b), &root);
	buf_release(&b);
	arena_release(&a);
	return e;
}

static void depth_and_number_are_bounded(void **unused)
{
	(void)unused;
	assert_int_equal(read_nested(XML_MAX_DEPTH), ERR_OK);
	assert_int_equal(read_nested(XML_MAX_DEPTH + 1), ERR_LIMIT);
	assert_int_equal(read_wide(XML_MAX_NODES - 1, "<b/>"), ERR_OK);
	assert_int_equal(read_wide(XML_MAX_NODES, "<b/>"), ERR_LIMIT);
	assert_int_equal(read_wide((XML_MAX_NODES - 1) / 2, "<b c='1'/>"), ERR_OK);
	assert_int_equal(read_wide(XML_MAX_NODES / 2, "<b c='1'/>"), ERR_LIMIT);
}

/* An element or attribute, or its namespace, with a name of n bytes. */
static enum err read_named(const char *before, size_t n, const char *after)
{
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(ARENA);
	struct xml_node *root;
	enum err e;

	buf_cstr(&b, before);
	for (size_t i = 0; i < n; i++)
		buf_char(&b, 'n');
	buf_cstr(&b, after);
	e = xml_read(&a, buf_view(&b), &root);
	buf_release(&b);
	arena_release(&a);
	return e;
}

static void names_are_bounded(void **unused)
{
	static const char *const places[][2] = {
		{ "<", "/>" },
		{ "<a ", "='1'/>" },
		{ "<a xmlns='", "'/>" },
		{ "<a xmlns:p='", "' p:b='1'/>" },
	};

	(void)unused;
	for (size_t i = 0; i < countof(places); i++) {
		if (read_named(places[i][0], XML_MAX_NAME, places[i][1]))
			fail_msg("%s: refused", places[i][0]);
		if (read_named(places[i][0], XML_MAX_NAME + 1, places[i][1]) != ERR_LIMIT)
			fail_msg("%s: taken", places[i][0]);
	}
}

/* A namespace is told once and holds for thousands of elements: it costs memory once. */
static void a_namespace_is_kept_once(void **unused)
{
	enum { ELEMENTS = 10000, NAMESPACE = 500 };
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(ARENA);
	struct xml_node *root;

	(void)unused;
	buf_cstr(&b, "<a xmlns='");
	for (size_t i = 0; i < NAMESPACE; i++)
		buf_char(&b, 'u');
	buf_cstr(&b, "'>");
	for (size_t i = 0; i < ELEMENTS; i++)
		buf_cstr(&b, "<b/>");
	buf_cstr(&b, "</a>");
	assert_int_equal(xml_read(&a, buf_view(&b), &root), ERR_OK);
	assert_true(a.total < ELEMENTS * NAMESPACE / 2);
	assert_true(str_eq(root->child->ns, root->ns));
	buf_release(&b);
	arena_release(&a);
}

static void an_arena_that_is_full_is_a_limit(void **unused)
{
	struct xml_node *root;
	enum err e = ERR_LIMIT;

	(void)unused;
	for (size_t max = 0; e == ERR_LIMIT; max += 64) {
		struct arena a = ARENA_INIT(max);

		e = xml_read(&a, S("<a b='c'><d>text</d></a>"), &root);
		arena_release(&a);
	}
	assert_int_equal(e, ERR_OK);
}

static void children_are_found_by_name(void **unused)
{
	struct arena a = ARENA_INIT(ARENA);
	struct xml_node *root;
	const struct xml_node *b;

	(void)unused;
	assert_int_equal(xml_read(&a, S("<r xmlns:n='u'><n:b x='1' n:x='2'>1</n:b><c/><b>2</b></r>"), &root), ERR_OK);
	b = xml_child(root, "b");
	assert_true(str_eq(b->text, S("1")));
	assert_true(str_eq(xml_attribute(b, "x"), S("1")));
	assert_null(xml_attribute(b, "y").p);
	assert_true(str_eq(xml_next(b, "b")->text, S("2")));
	assert_null(xml_next(xml_next(b, "b"), "b"));
	assert_null(xml_child(root, "d"));
	assert_null(xml_child(NULL, "d"));
	assert_true(str_eq(xml_child_text(root, "b"), S("1")));
	assert_int_equal(xml_child_text(root, "d").n, 0);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_become_trees),       cmocka_unit_test(what_is_no_document_is_refused),
		cmocka_unit_test(depth_and_number_are_bounded), cmocka_unit_test(an_arena_that_is_full_is_a_limit),
		cmocka_unit_test(children_are_found_by_name),   cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(a_namespace_is_kept_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
