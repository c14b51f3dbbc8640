/* Types as tables: what is taken, what is refused and with which words, what is written. */
#include <gateway/ews/rows.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ARENA = 1024 * 1024, TEXT_MAX = 64 * 1024 };

struct leaf {
	struct str name, said;
};
struct thing {
	struct str text;
	int flag, number, choice;
	struct ews_time when;
	struct leaf *one;
	struct ews_list many;
};
struct either {
	struct ews_list any;
};
static const char *const colours[] = { "Red", "Green", NULL };
/* clang-format off */
STATIC_ROWS(leaf_type, leaf, NEED_A_TEXT(leaf, name), CONTENT(leaf, said));
STATIC_ROWS(thing_type, thing,
	NEED_TEXT(thing, text), BOOL(thing, flag), INT(thing, number, -5, 5), ENUM(thing, choice, colours),
	TIME(thing, when), STRUCT(thing, one, &leaf_type), M_LIST(thing, many, &leaf_type), ANYTHING("rest"));
static const struct ews_field either_rows[] = { EITHER("thing", &thing_type), EITHER("leaf", &leaf_type) };
static const struct ews_type either_kinds = EWS_TYPE(either, either_rows);
STATIC_ROWS(either_type, either, CHOICES(either, any, &either_kinds));
/* clang-format on */

static enum err turn(struct arena *a, const struct ews_type *type, struct str xml, struct buf *out, struct str *why)
{
	struct xml_node *root;
	struct xml_writer w;
	void *value;

	assert_int_equal(xml_read(a, xml, &root), ERR_OK);
	TRY(ews_read(a, root, type, &value, why));
	w = (struct xml_writer){ .out = out };
	ews_write(&w, "x", type, value);
	return buf_status(out);
}

static void what_a_type_has_is_read_and_written_in_its_order(void **unused)
{
	static const struct {
		const char *what;
		const struct ews_type *type;
		struct str xml, written;
	} cases[] = {
		{ "the least", &thing_type, STR_INIT("<x><text>a</text></x>"), STR_INIT("<x><t:text>a</t:text></x>") },
		{ "an empty text is there", &thing_type, STR_INIT("<x><text/></x>"), STR_INIT("<x><t:text/></x>") },
		{ "any order, any namespace, and the rest", &thing_type,
		  STR_INIT("<x><rest><a b='c'/></rest><p:number xmlns:p='urn:x'>+3</p:number><flag>1</flag>"
			   "<text>a&amp;b</text><choice>Green</choice></x>"),
		  STR_INIT("<x><t:text>a&amp;b</t:text><t:flag>true</t:flag><t:number>3</t:number>"
			   "<t:choice>Green</t:choice></x>") },
		{ "attributes and content", &thing_type,
		  STR_INIT("<x><text>a</text><one name='&#10;\"' other='y'>b</one></x>"),
		  STR_INIT("<x><t:text>a</t:text><t:one name=\"&#10;&quot;\">b</t:one></x>") },
		{ "a list, apart", &thing_type,
		  STR_INIT("<x><many name='1'/><text>a</text><many name='2'>b</many></x>"),
		  STR_INIT("<x><t:text>a</t:text><m:many name=\"1\"></m:many><m:many name=\"2\">b</m:many></x>") },
		{ "times", &thing_type, STR_INIT("<x><text>a</text><when>2028-02-29T23:59:59.5+02:00</when></x>"),
		  STR_INIT("<x><t:text>a</t:text><t:when>2028-02-29T21:59:59Z</t:when></x>") },
		{ "a local time", &thing_type, STR_INIT("<x><text>a</text><when>1969-12-31T23:59:59</when></x>"),
		  STR_INIT("<x><t:text>a</t:text><t:when>1969-12-31T23:59:59</t:when></x>") },
		{ "choices in their order", &either_type,
		  STR_INIT("<x><leaf name='1'/><thing><text>a</text></thing><leaf name='2'/></x>"),
		  STR_INIT("<x><t:leaf name=\"1\"></t:leaf><t:thing><t:text>a</t:text></t:thing>"
			   "<t:leaf name=\"2\"></t:leaf></x>") },
		{ "no choice", &either_type, STR_INIT("<x/>"), STR_INIT("<x/>") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct buf b = BUF_INIT(TEXT_MAX);
		struct str why = STR_EMPTY;

		if (turn(&a, cases[i].type, cases[i].xml, &b, &why))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(why));
		if (!str_eq(buf_view(&b), cases[i].written))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(buf_view(&b)));
		buf_release(&b);
		arena_release(&a);
	}
}

static void what_a_type_has_not_is_refused_by_name(void **unused)
{
	static const struct {
		const char *what;
		const struct ews_type *type;
		struct str xml, why;
	} cases[] = {
		{ "a missing element", &thing_type, STR_INIT("<x/>"),
		  STR_INIT("The element 'x' lacks the element 'text'.") },
		{ "another element", &thing_type, STR_INIT("<x><text>a</text><y/></x>"),
		  STR_INIT("The element 'x' has invalid child element 'y'.") },
		{ "twice", &thing_type, STR_INIT("<x><text>a</text><text>b</text></x>"),
		  STR_INIT("The element 'x' has one too many of 'text'.") },
		{ "no boolean", &thing_type, STR_INIT("<x><text>a</text><flag>yes</flag></x>"),
		  STR_INIT("The element 'flag' has a value that is not valid: 'yes'.") },
		{ "one past the bound", &thing_type, STR_INIT("<x><text>a</text><number>6</number></x>"),
		  STR_INIT("The element 'number' has a value that is not valid: '6'.") },
		{ "no number", &thing_type, STR_INIT("<x><text>a</text><number>99999999999999999999</number></x>"),
		  STR_INIT("The element 'number' has a value that is not valid: '99999999999999999999'.") },
		{ "another name", &thing_type, STR_INIT("<x><text>a</text><choice>red</choice></x>"),
		  STR_INIT("The element 'choice' has a value that is not valid: 'red'.") },
		{ "no day", &thing_type, STR_INIT("<x><text>a</text><when>2027-02-29T00:00:00</when></x>"),
		  STR_INIT("The element 'when' has a value that is not valid: '2027-02-29T00:00:00'.") },
		{ "a missing attribute", &thing_type, STR_INIT("<x><text>a</text><one/></x>"),
		  STR_INIT("The element 'one' lacks the attribute 'name'.") },
		{ "none of the choices", &either_type, STR_INIT("<x><y/></x>"),
		  STR_INIT("The element 'x' has invalid child element 'y'.") },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct buf b = BUF_INIT(TEXT_MAX);
		struct str why = STR_EMPTY;

		if (turn(&a, cases[i].type, cases[i].xml, &b, &why) != ERR_INVALID || !str_eq(why, cases[i].why))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(why));
		buf_release(&b);
		arena_release(&a);
	}
}

static void an_arena_that_is_full_is_a_limit(void **unused)
{
	static const struct str xml =
		STR_INIT("<x><leaf name='1'/><thing><text>a</text><many name='1'/><one name='2'/></thing></x>");
	enum err e = ERR_LIMIT;

	(void)unused;
	for (size_t max = 0; e == ERR_LIMIT; max += 64) {
		struct arena tree = ARENA_INIT(ARENA), a = ARENA_INIT(max);
		struct xml_node *root;
		struct str why = STR_EMPTY;
		void *value;

		assert_int_equal(xml_read(&tree, xml, &root), ERR_OK);
		e = ews_read(&a, root, &either_type, &value, &why);
		arena_release(&a);
		arena_release(&tree);
	}
	assert_int_equal(e, ERR_OK);
}

static void times_are_xsd_date_times(void **unused)
{
	static const struct {
		struct str text;
		bool good, zoned;
		int64_t ms;
	} cases[] = {
		{ STR_INIT("1970-01-01T00:00:00"), true, false, 0 },
		{ STR_INIT("1970-01-01T00:00:00Z"), true, true, 0 },
		{ STR_INIT("1970-01-01T00:00:00.123456789Z"), true, true, 123 },
		{ STR_INIT("1970-01-01T01:00:00+14:00"), true, true, -13 * 3600000 },
		{ STR_INIT("9999-12-31T23:59:59Z"), true, true, INT64_C(253402300799000) },
		{ STR_INIT("0001-01-01T00:00:00"), true, false, INT64_C(-62135596800000) },
		{ STR_INIT(""), false, false, 0 },
		{ STR_INIT("1970-01-01"), false, false, 0 },
		{ STR_INIT("1970-01-01T00:00"), false, false, 0 },
		{ STR_INIT("1970-01-01T24:00:00"), false, false, 0 },
		{ STR_INIT("1970-13-01T00:00:00"), false, false, 0 },
		{ STR_INIT("1970-01-01T00:00:00+14:01"), false, false, 0 },
		{ STR_INIT("1970-01-01T00:00:00Zx"), false, false, 0 },
		{ STR_INIT("1970-01-01T00:00:00x"), false, false, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct ews_time t = { 0 };
		enum err e = ews_time_read(cases[i].text, &t);

		if (!e != cases[i].good || t.ms != cases[i].ms || t.zoned != cases[i].zoned)
			fail_msg(STR_FMT ": %d %lld", STR_ARG(cases[i].text), (int)e, (long long)t.ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_type_has_is_read_and_written_in_its_order),
		cmocka_unit_test(what_a_type_has_not_is_refused_by_name),
		cmocka_unit_test(an_arena_that_is_full_is_a_limit),
		cmocka_unit_test(times_are_xsd_date_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
