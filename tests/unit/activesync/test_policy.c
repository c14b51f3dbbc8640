/* The default policy: the schema's order, the version's elements, and nothing that restricts. */
#include <gateway/activesync/policy.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct setting {
	uint16_t tag;
	struct str value;
};

static size_t read_policy(struct buf *doc, enum eas_version v, struct setting *ret, size_t max)
{
	struct wbxml_scope root;
	struct wbxml_reader r;
	struct wbxml_writer w;
	enum err e = ERR_OK;
	size_t n = 0;

	wbxml_writer_init(&w, doc);
	eas_policy_write(&w, v);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	wbxml_reader_init(&r, buf_view(doc));
	assert_int_equal(wbxml_root(&r, TAG_PROVISION_EASPROVISIONDOC), ERR_OK);
	root = wbxml_enter(&r);
	while (wbxml_child(&r, &root, &e)) {
		assert_true(n < max);
		ret[n].tag = r.tag;
		e = wbxml_text(&r, &ret[n++].value);
	}
	assert_int_equal(e, ERR_OK);
	return n;
}

/* MS-ASPROV 2.2.2.2 to 2.2.2.54: all settings are known from 12.1 on. */
static void each_version_gets_all_its_settings(void **unused)
{
	(void)unused;
	for (enum eas_version v = EAS_12_1; v < EAS_VERSION_MAX_; v++) {
		struct buf doc = BUF_INIT(8192);
		struct setting settings[64];
		size_t n = read_policy(&doc, v, settings, countof(settings));

		assert_int_equal(n, 40);
		for (size_t i = 0; i < n; i++)
			assert_true(wbxml_tag_in(settings[i].tag, v));
		buf_release(&doc);
	}
}

static void nothing_is_restricted(void **unused)
{
	static const struct {
		uint16_t tag;
		const char *value;
	} wanted[] = {
		{ TAG_PROVISION_DEVICEPASSWORDENABLED, "0" },
		{ TAG_PROVISION_ATTACHMENTSENABLED, "1" },
		{ TAG_PROVISION_MAXATTACHMENTSIZE, "" },
		{ TAG_PROVISION_ALLOWBLUETOOTH, "2" }, /* MS-ASPROV_R75 */
		{ TAG_PROVISION_MAXEMAILAGEFILTER, "0" },
		{ TAG_PROVISION_MAXCALENDARAGEFILTER, "0" },
		{ TAG_PROVISION_MAXEMAILBODYTRUNCATIONSIZE, "-1" },
		{ TAG_PROVISION_MAXEMAILHTMLBODYTRUNCATIONSIZE, "-1" },
	};
	struct buf doc = BUF_INIT(8192);
	struct setting settings[64];
	size_t n = read_policy(&doc, EAS_16_1, settings, countof(settings)), met = 0;

	(void)unused;
	for (size_t i = 0; i < n; i++) {
		struct str name = wbxml_tag_name(settings[i].tag);

		for (size_t k = 0; k < countof(wanted); k++)
			if (wanted[k].tag == settings[i].tag)
				met += str_eq(settings[i].value, str_of(wanted[k].value));
		if (str_starts(name, S("Allow")) && str_eq(settings[i].value, S("0")))
			fail_msg(STR_FMT " forbids", STR_ARG(name));
		if (str_starts(name, S("Require")) && !str_eq(settings[i].value, S("0")))
			fail_msg(STR_FMT " requires", STR_ARG(name));
	}
	assert_int_equal(met, countof(wanted));
	buf_release(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_gets_all_its_settings),
		cmocka_unit_test(nothing_is_restricted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
