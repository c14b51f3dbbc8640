/* ValidateCert: an authority made with openssl, and what it says of its certificates. */
#include "sync_fixture.h"

#include <base/base64.h>
#include <gateway/activesync/limits.h>
#include <tests/support/tmpdir.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Page 0B: 45 ValidateCert, 46 Certificates, 47 Certificate, 48 CertificateChain, 49 CheckCRL. */

static struct tmpdir folder;

static int make_certificates(void **unused)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(4096);

	(void)unused;
	folder = tmpdir_make();
	buf_fmt(&command, "tests/support/certificates.sh %s >%s/log 2>&1", folder.path, folder.path);
	buf_char(&command, '\0');
	return system(command.p);
}

static int remove_certificates(void **unused)
{
	(void)unused;
	tmpdir_remove(&folder);
	return 0;
}

static const char *path_of(struct fixture *f, const char *name)
{
	return commands(f, "%s/%s", folder.path, name);
}

/* A certificate of the folder in base64, as a phone sends it. */
static const char *text_of(struct fixture *f, const char *name)
{
	CLEANUP(buf_release) struct buf der = BUF_INIT(65536), text = BUF_INIT(131072);
	FILE *file = fopen(path_of(f, commands(f, "%s.der", name)), "rb");
	const char *ret;
	int c;

	assert_non_null(file);
	while ((c = fgetc(file)) != EOF)
		buf_char(&der, (char)c);
	fclose(file);
	base64_put(&text, buf_view(&der));
	assert_ok(arena_cstr(&f->arena, buf_view(&text), &ret));
	return ret;
}

struct paths {
	char root[128], crls[128];
};

static void begin(struct fixture *f, struct paths *p, bool crls)
{
	struct buf path = BUF_INIT(sizeof(p->root));

	buf_fmt(&path, "%s/root.pem", folder.path);
	memcpy(p->root, path.p, path.n);
	buf_clear(&path);
	buf_fmt(&path, "%s/crls", folder.path);
	memcpy(p->crls, path.p, path.n);
	buf_release(&path);
	f->config.certificates.authorities = p->root;
	f->config.certificates.crls = crls ? p->crls : NULL;
	fixture_start(f);
}

/* The certificates are of today: a day later they are valid. */
static void wait_until(struct fixture *f, int64_t days_from_now)
{
	int64_t now_ms = ((int64_t)time(NULL) + days_from_now * 86400) * 1000;

	clock_fake_advance(&f->server.clock, now_ms - clock_wall_ms(&f->server.clock.clock));
}

static char *certificate(struct fixture *f, const char *text)
{
	return commands(f, "47 03 '%s' 00 01 ", text);
}

static struct eas_reply validate(struct fixture *f, const char *certificates, const char *chain, bool check)
{
	return eas_phone_ask(
		&f->phone, "ValidateCert",
		doc(f, HEAD "00 0B 45 48 %s 01 46 %s 01 %s 01", chain, certificates, check ? "49 03 '1' 00 01" : ""));
}

/*
 * MS-ASCMD_R686, MS-ASCMD_R687, MS-ASCMD_R688, MS-ASCMD_R4482, MS-ASCMD_R4485, MS-ASCMD_R4488, MS-ASCMD_R4491,
 * MS-ASCMD_R4504, MS-ASCMD_R4509, MS-ASCMD_R4512
 */
static void each_certificate_has_its_status(void **unused)
{
	static const struct {
		const char *name;
		bool crls;
		const char *status;
		bool chain, check;
		int64_t days;
	} cases[] = {
		{ "good", false, "1", true, false, 1 },    { "good", true, "1", true, true, 1 },
		{ "good", false, "14", true, true, 1 }, /* R893: nobody knows whether it is revoked */
		{ "good", false, "4", false, false, 1 },   { "self", false, "4", true, false, 1 },
		{ "web", false, "6", true, false, 1 },     { "good", false, "7", true, false, 5000 },
		{ "good", false, "8", true, false, -10 },  /* neither it nor its issuer is valid yet */
		{ "revoked", true, "13", true, false, 1 }, /* R895: what is known counts in any case */
		{ "revoked", false, "1", true, false, 1 }, { "child", false, "11", true, false, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(fixture_stop) struct fixture f = { 0 };
		struct paths paths = { 0 };
		struct eas_reply r;

		begin(&f, &paths, cases[i].crls);
		wait_until(&f, cases[i].days);
		r = validate(&f, certificate(&f, text_of(&f, cases[i].name)),
			     cases[i].chain ? commands(&f, "%s%s", certificate(&f, text_of(&f, "sub")),
						       certificate(&f, text_of(&f, "good")))
					    : "",
			     cases[i].check);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		if (!str_eq(eas_reply_text(&r, "Status", 1), str_of(cases[i].status)))
			fail_msg("case %zu, %s: " STR_FMT, i, cases[i].name, STR_ARG(r.xml));
	}
}

static void what_is_no_certificate_is_said_to_be_none(void **unused)
{
	CLEANUP(fixture_stop) struct fixture f = { 0 };
	struct paths paths = { 0 };
	struct eas_reply r;

	(void)unused;
	begin(&f, &paths, false);
	wait_until(&f, 1);
	r = validate(&f, commands(&f, "47 03 'AAAA' 00 01 07 47 03 '!' 00 01 %s", certificate(&f, text_of(&f, "good"))),
		     certificate(&f, text_of(&f, "sub")), false);
	assert_true(str_eq(eas_reply_text(&r, "Status", 1), S("5")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 2), S("5")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 3), S("5")));
	assert_true(str_eq(eas_reply_text(&r, "Status", 4), S("1")));
}

/* MS-ASCMD_R5662, MS-ASCMD_R4476: a hundred, and one more; none at all. */
static void the_number_of_certificates_has_its_limit(void **unused)
{
	FIXTURE(f);
	CLEANUP(buf_release) struct buf list = BUF_INIT(65536);
	struct eas_reply r;

	(void)unused;
	for (int i = 0; i < EAS_MAX_CERTIFICATES; i++)
		buf_cstr(&list, "47 03 'AA==' 00 01 ");
	buf_char(&list, '\0');
	r = validate(&f, list.p, "", false);
	assert_int_equal(eas_reply_count(&r, "Certificate"), EAS_MAX_CERTIFICATES);
	r = validate(&f, commands(&f, "%s 07", list.p), "", false);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
	r = validate(&f, "", "", false);
	assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("2")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_certificate_has_its_status),
		cmocka_unit_test(what_is_no_certificate_is_said_to_be_none),
		cmocka_unit_test(the_number_of_certificates_has_its_limit),
	};

	return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
