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

static const char *const issuers[] = { "sub", "good", "webca", "gone" };

struct paths {
	char root[128], crls[128];
};

static void put_path(char *to, size_t size, const char *name)
{
	struct buf path = BUF_INIT(size);

	buf_fmt(&path, "%s/%s", folder.path, name);
	assert_ok(buf_status(&path));
	memcpy(to, path.p, path.n);
	buf_release(&path);
}

/* lists: the folder with the lists of what is revoked; NULL: none. */
static void begin(struct fixture *f, struct paths *p, const char *lists)
{
	put_path(p->root, sizeof(p->root) - 1, "root.pem");
	f->config.certificates.authorities = p->root;
	if (lists) {
		put_path(p->crls, sizeof(p->crls) - 1, lists);
		f->config.certificates.crls = p->crls;
	}
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

/* One that was changed behind its signature. */
static const char *forged(struct fixture *f)
{
	const char *text = text_of(f, "good");
	char *copy = commands(f, "%s", text);

	copy[strlen(copy) - 8] = text[strlen(text) - 8] == 'A' ? 'B' : 'A';
	return copy;
}

/*
 * MS-ASCMD_R686, MS-ASCMD_R687, MS-ASCMD_R688, MS-ASCMD_R4469; MS-ASCMD_R4479 (3), MS-ASCMD_R4482 (4), MS-ASCMD_R4485 (5),
 * MS-ASCMD_R4488 (6), MS-ASCMD_R4491 (7), MS-ASCMD_R4497 (9), MS-ASCMD_R4500 (10), MS-ASCMD_R4504 (11), MS-ASCMD_R4509 (13),
 * MS-ASCMD_R4512 (14), MS-ASCMD_R4515 (15), MS-ASCMD_R4518 (16); MS-ASCMD_R893 (CheckCRL 1), MS-ASCMD_R895 (CheckCRL 0)
 */
static void each_certificate_has_its_status(void **unused)
{
	static const struct {
		const char *name, *lists;
		bool check;
		const char *status;
		bool alone; /* without its chain */
		int64_t days;
	} cases[] = {
		{ "good", NULL, false, "1", false, 1 },
		{ "good", "crls", true, "1", false, 1 },
		{ "good", NULL, true, "14", false, 1 }, /* R893: nobody knows whether it is revoked */
		{ "good", "unsound", true, "16", false, 1 },
		{ "good", "unsound", false, "1", false, 1 }, /* R895 */
		{ "good", NULL, false, "4", true, 1 },
		{ "self", NULL, false, "4", false, 1 },
		{ "forged", NULL, false, "3", false, 1 },
		{ "web", NULL, false, "6", false, 1 },
		{ "good", NULL, false, "7", false, 5000 },
		{ "good", NULL, false, "8", false, -10 }, /* neither it nor its issuer is valid yet */
		{ "below", NULL, false, "9", false, 1 },
		{ "odd", NULL, false, "10", false, 1 },
		{ "child", NULL, false, "11", false, 1 },
		{ "revoked", "crls", false, "13", false, 1 }, /* what is known counts in any case */
		{ "revoked", NULL, false, "1", false, 1 },
		{ "fallen", "crls", false, "15", false, 1 },
		{ "fallen", NULL, false, "1", false, 1 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		CLEANUP(fixture_stop) struct fixture f = { 0 };
		struct paths paths = { 0 };
		struct buf chain = BUF_INIT(65536);
		struct eas_reply r;

		begin(&f, &paths, cases[i].lists);
		wait_until(&f, cases[i].days);
		for (size_t k = 0; k < countof(issuers) && !cases[i].alone; k++)
			buf_cstr(&chain, certificate(&f, text_of(&f, issuers[k])));
		buf_char(&chain, '\0');
		r = validate(
			&f,
			certificate(&f, strcmp(cases[i].name, "forged") == 0 ? forged(&f) : text_of(&f, cases[i].name)),
			chain.p, cases[i].check);
		buf_release(&chain);
		assert_true(str_eq(eas_reply_text(&r, "Status", 0), S("1")));
		assert_int_equal(eas_reply_count(&r, "Status"), 2);
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
	begin(&f, &paths, NULL);
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
