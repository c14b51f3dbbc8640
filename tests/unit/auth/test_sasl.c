/* Mechanisms as state machines: what each message of a client leads to. */
#include <gateway/auth/sasl.h>
#include <gateway/auth/scram.h>

#include <base/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct sasl_channel clear_channel = { 0 };
static const struct sasl_channel secure = { .secure = true };
static const struct sasl_channel bound = {
	.secure = true,
	.exporter = { "0123456789abcdef0123456789abcdef", 32 },
	.end_point = { "end point", 9 },
};

static void mechanisms_are_offered_by_the_channel(void **unused)
{
	struct buf b = BUF_INIT(256);

	(void)unused;
	sasl_list(&clear_channel, " ", &b);
	assert_int_equal(b.n, 0);
	sasl_list(&secure, " AUTH=", &b);
	assert_true(str_eq(buf_view(&b), S(" AUTH=SCRAM-SHA-256 AUTH=PLAIN AUTH=LOGIN")));
	buf_clear(&b);
	sasl_list(&bound, " ", &b);
	assert_true(str_eq(buf_view(&b), S(" SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN")));
	buf_release(&b);
	assert_null(sasl_new(S("PLAIN"), &clear_channel));
	assert_null(sasl_new(S("SCRAM-SHA-256-PLUS"), &secure));
	assert_null(sasl_new(S("PLAI"), &secure));
	assert_null(sasl_new(S("CRAM-MD5"), &secure));
}

static void plain_is_three_parts(void **unused)
{
	static const struct {
		struct str message;
		enum sasl_result want;
		const char *authorize, *login, *password;
	} cases[] = {
		{ STR_INIT("\0ann\0secret"), SASL_PASSWORD, "", "ann", "secret" },
		{ STR_INIT("bob\0ann\0secret"), SASL_PASSWORD, "bob", "ann", "secret" },
		{ STR_INIT("\0a@b\0 p w "), SASL_PASSWORD, "", "a@b", " p w " },
		{ STR_INIT(""), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("ann"), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("\0ann"), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("\0\0secret"), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("\0ann\0"), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("\0ann\0sec\0ret"), SASL_MALFORMED, NULL, NULL, NULL },
		{ STR_INIT("\0ann\0\xff"), SASL_MALFORMED, NULL, NULL, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sasl *s = sasl_new(S("plain"), &secure);
		struct buf out = BUF_INIT(256);

		assert_int_equal(sasl_begin(s, STR_EMPTY, &out), SASL_CHALLENGE);
		assert_int_equal(out.n, 0);
		if (sasl_put(s, cases[i].message, &out) != cases[i].want)
			fail_msg("case %zu", i);
		if (cases[i].want == SASL_PASSWORD) {
			assert_true(str_eq(sasl_login(s), str_of(cases[i].login)));
			assert_true(str_eq(sasl_password(s), str_of(cases[i].password)));
			assert_true(str_eq(sasl_authorize(s), str_of(cases[i].authorize)));
		}
		buf_release(&out);
		sasl_free(&s);
	}
}

static void login_asks_for_two_words(void **unused)
{
	struct sasl *s = sasl_new(S("LOGIN"), &secure);
	struct buf out = BUF_INIT(256);

	(void)unused;
	assert_int_equal(sasl_begin(s, STR_EMPTY, &out), SASL_CHALLENGE);
	assert_true(str_eq(buf_view(&out), S("Username:")));
	buf_clear(&out);
	assert_int_equal(sasl_put(s, S("ann"), &out), SASL_CHALLENGE);
	assert_true(str_eq(buf_view(&out), S("Password:")));
	assert_int_equal(sasl_put(s, S("secret"), &out), SASL_PASSWORD);
	assert_true(str_eq(sasl_login(s), S("ann")) && str_eq(sasl_password(s), S("secret")));
	sasl_free(&s);
	s = sasl_new(S("LOGIN"), &secure); /* with the name as initial response, as some clients do */
	buf_clear(&out);
	assert_int_equal(sasl_begin(s, S("ann"), &out), SASL_CHALLENGE);
	assert_true(str_eq(buf_view(&out), S("Password:")));
	sasl_free(&s);
	buf_release(&out);
}

static void a_message_has_a_limit(void **unused)
{
	static char text[SASL_MAX_MESSAGE_BYTES + 1];

	(void)unused;
	memset(text, 'a', sizeof(text));
	memcpy(text, "\0ann\0", 5);
	for (size_t over = 0; over < 2; over++) {
		struct sasl *s = sasl_new(S("PLAIN"), &secure);
		struct buf out = BUF_INIT(16);

		assert_int_equal(sasl_begin(s, str_from(text, SASL_MAX_MESSAGE_BYTES + over), &out),
				 over ? SASL_MALFORMED : SASL_PASSWORD);
		sasl_free(&s);
	}
}

/* ---- SCRAM ---- */

#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"

/* RFC 7677 section 3: user "user", password "pencil". */
static struct scram_keys example_keys(void)
{
	struct scram_keys k = { .iterations = 4096 };
	struct buf salt = BUF_INIT(SCRAM_SALT_BYTES);

	assert_int_equal(base64_decode(&salt, S("W22ZaJ0SNY7soEsUEjb6gQ==")), ERR_OK);
	memcpy(k.salt, salt.p, SCRAM_SALT_BYTES);
	buf_release(&salt);
	assert_int_equal(scram_derive(S("pencil"), &k), ERR_OK);
	return k;
}

static struct sasl *begin_scram(const char *mechanism, const struct sasl_channel *c, const char *first,
				enum sasl_result want)
{
	struct sasl *s = sasl_new(str_of(mechanism), c);
	struct buf out = BUF_INIT(1024);

	assert_non_null(s);
	sasl_set_nonce(s, S(SERVER_NONCE));
	if (sasl_begin(s, str_of(first), &out) != want)
		fail_msg("%s: %s", mechanism, first);
	buf_release(&out);
	return s;
}

/* RFC 7677 section 3. */
static void scram_goes_as_the_example_of_its_document(void **unused)
{
	struct sasl *s = begin_scram("SCRAM-SHA-256", &secure, "n,,n=user,r=" CLIENT_NONCE, SASL_KEYS);
	struct scram_keys keys = example_keys();
	struct buf out = BUF_INIT(1024);

	(void)unused;
	assert_true(str_eq(sasl_login(s), S("user")));
	assert_int_equal(sasl_keys(s, &keys, &out), SASL_CHALLENGE);
	assert_true(str_eq(buf_view(&out), S("r=" CLIENT_NONCE SERVER_NONCE ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")));
	buf_clear(&out);
	assert_int_equal(
		sasl_put(s, S("c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="),
			 &out),
		SASL_CHALLENGE);
	assert_true(str_eq(buf_view(&out), S("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")));
	assert_int_equal(sasl_put(s, S(""), &out), SASL_PROVED);
	buf_release(&out);
	sasl_free(&s);
}

static void scram_first_messages(void **unused)
{
	static const struct {
		const char *mechanism, *message;
		bool bound;
		enum sasl_result want;
	} cases[] = {
		{ "SCRAM-SHA-256", "n,,n=user,r=abc", true, SASL_KEYS },
		{ "SCRAM-SHA-256", "n,,n=user,r=abc,x=ext", false, SASL_KEYS },
		{ "SCRAM-SHA-256", "y,,n=user,r=abc", false, SASL_KEYS },
		{ "SCRAM-SHA-256", "y,,n=user,r=abc", true, SASL_REFUSED }, /* our offer of PLUS was taken out */
		{ "SCRAM-SHA-256", "p=tls-exporter,,n=user,r=abc", true, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,a=user,n=user,r=abc", false, SASL_KEYS },
		{ "SCRAM-SHA-256", "n,a=us=2Cer,n=us=3Der,r=abc", false, SASL_KEYS },
		{ "SCRAM-SHA-256", "n,,n=us=20er,r=abc", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,n=us=,r=abc", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,n=,r=abc", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,n=user,r=", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,n=user,r=a b", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,n=user", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,,m=x,n=user,r=abc", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n,user,n=user,r=abc", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "n", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256", "", false, SASL_MALFORMED },
		{ "SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=user,r=abc", true, SASL_KEYS },
		{ "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=user,r=abc", true, SASL_KEYS },
		{ "SCRAM-SHA-256-PLUS", "p=tls-unique,,n=user,r=abc", true, SASL_REFUSED },
		{ "SCRAM-SHA-256-PLUS", "n,,n=user,r=abc", true, SASL_MALFORMED },
		{ "SCRAM-SHA-256-PLUS", "y,,n=user,r=abc", true, SASL_MALFORMED },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sasl *s = begin_scram(cases[i].mechanism, cases[i].bound ? &bound : &secure, cases[i].message,
					     cases[i].want);

		sasl_free(&s);
	}
}

/* What a client would answer, by the sums of the document; binding: raw, behind the GS2 header. */
static void answer(const struct scram_keys *k, const unsigned char *client_key, const char *first_bare,
		   struct str server_first, struct str gs2_and_binding, const char *nonce, struct buf *ret)
{
	struct buf said = BUF_INIT(2048), final = BUF_INIT(2048);
	unsigned char proof[SCRAM_KEY_BYTES];
	struct scram_keys signer = *k;

	buf_cstr(&final, "c=");
	base64_put(&final, gs2_and_binding);
	buf_fmt(&final, ",r=%s", nonce);
	buf_fmt(&said, "%s," STR_FMT "," STR_FMT, first_bare, STR_ARG(server_first), STR_ARG(buf_view(&final)));
	memcpy(signer.server, k->stored, SCRAM_KEY_BYTES); /* HMAC(StoredKey, AuthMessage) */
	scram_sign(&signer, buf_view(&said), proof);
	for (size_t i = 0; i < SCRAM_KEY_BYTES; i++)
		proof[i] ^= client_key[i];
	buf_str(ret, buf_view(&final));
	buf_cstr(ret, ",p=");
	base64_put(ret, str_from(proof, sizeof(proof)));
	buf_release(&said);
	buf_release(&final);
}

/* HMAC(SaltedPassword, "Client Key") of the example, as Python's hashlib gives it. */
static const unsigned char example_client_key[SCRAM_KEY_BYTES] = {
	0xa6, 0x0f, 0xc9, 0x23, 0xd6, 0x7e, 0x86, 0x44, 0xa9, 0x2d, 0x16, 0xb9, 0x6e, 0xda, 0x5e, 0xf4,
	0x65, 0x6b, 0x0c, 0x72, 0x5c, 0x48, 0x43, 0x74, 0xbe, 0x25, 0x53, 0x55, 0x76, 0x99, 0x6e, 0x8b,
};

static void scram_proofs_are_bound_to_the_channel_and_the_nonce(void **unused)
{
	static const struct {
		const char *what, *flag, *sent_gs2, *binding, *nonce;
		enum sasl_result want;
	} cases[] = {
		{ "exporter", "p=tls-exporter", "p=tls-exporter,,", "0123456789abcdef0123456789abcdef", "abcXYZ",
		  SASL_CHALLENGE },
		{ "end point", "p=tls-server-end-point", "p=tls-server-end-point,,", "end point", "abcXYZ",
		  SASL_CHALLENGE },
		{ "of another channel", "p=tls-exporter", "p=tls-exporter,,", "0123456789abcdef0123456789abcdeX",
		  "abcXYZ", SASL_REFUSED },
		{ "shorter", "p=tls-exporter", "p=tls-exporter,,", "0123456789abcdef", "abcXYZ", SASL_REFUSED },
		{ "none", "p=tls-exporter", "p=tls-exporter,,", "", "abcXYZ", SASL_REFUSED },
		{ "of the other kind", "p=tls-exporter", "p=tls-exporter,,", "end point", "abcXYZ", SASL_REFUSED },
		{ "another header", "p=tls-exporter", "n,,", "0123456789abcdef0123456789abcdef", "abcXYZ",
		  SASL_REFUSED },
		{ "another nonce", "p=tls-exporter", "p=tls-exporter,,", "0123456789abcdef0123456789abcdef", "abcXY",
		  SASL_REFUSED },
	};
	struct scram_keys keys = example_keys();

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct buf first = BUF_INIT(256), out = BUF_INIT(1024), header = BUF_INIT(256), final = BUF_INIT(1024);
		struct sasl *s = sasl_new(S("SCRAM-SHA-256-PLUS"), &bound);

		buf_fmt(&first, "%s,,n=user,r=abc", cases[i].flag);
		sasl_set_nonce(s, S("XYZ"));
		assert_int_equal(sasl_begin(s, buf_view(&first), &out), SASL_KEYS);
		assert_int_equal(sasl_keys(s, &keys, &out), SASL_CHALLENGE);
		buf_fmt(&header, "%s%s", cases[i].sent_gs2, cases[i].binding);
		answer(&keys, example_client_key, "n=user,r=abc", buf_view(&out), buf_view(&header), cases[i].nonce,
		       &final);
		buf_clear(&out);
		if (sasl_put(s, buf_view(&final), &out) != cases[i].want)
			fail_msg("%s", cases[i].what);
		sasl_free(&s);
		buf_release(&first);
		buf_release(&out);
		buf_release(&header);
		buf_release(&final);
	}
}

static void scram_final_messages_that_are_refused(void **unused)
{
	static const struct {
		const char *message;
		enum sasl_result want;
	} cases[] = {
		{ "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVR=",
		  SASL_REFUSED },
		{ "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=AAAA", SASL_REFUSED },
		{ "c=biws,r=" CLIENT_NONCE SERVER_NONCE ",p=", SASL_REFUSED },
		{ "c=biws,r=" CLIENT_NONCE ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", SASL_REFUSED },
		{ "c=biws,r=" CLIENT_NONCE SERVER_NONCE, SASL_MALFORMED },
		{ "r=" CLIENT_NONCE SERVER_NONCE ",c=biws,p=AAAA", SASL_MALFORMED },
		{ "", SASL_MALFORMED },
	};
	struct scram_keys keys = example_keys();

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct sasl *s = begin_scram("SCRAM-SHA-256", &secure, "n,,n=user,r=" CLIENT_NONCE, SASL_KEYS);
		struct buf out = BUF_INIT(1024);

		assert_int_equal(sasl_keys(s, &keys, &out), SASL_CHALLENGE);
		buf_clear(&out);
		if (sasl_put(s, str_of(cases[i].message), &out) != cases[i].want || out.n)
			fail_msg("%s", cases[i].message);
		buf_release(&out);
		sasl_free(&s);
	}
}

static void keys_are_written_and_read(void **unused)
{
	static const char *const bad[] = {
		"",
		"SCRAM-SHA-256$",
		"SCRAM-SHA-1$4096:W22ZaJ0SNY7soEsUEjb6gQ==$a:b",
		"SCRAM-SHA-256$0:W22ZaJ0SNY7soEsUEjb6gQ==$AA==:AA==",
		"SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$AA==:AA==",
	};
	struct scram_keys keys = example_keys(), again;
	struct buf text = BUF_INIT(SCRAM_TEXT_MAX_BYTES);

	(void)unused;
	scram_keys_put(&text, &keys);
	assert_int_equal(buf_status(&text), ERR_OK);
	assert_int_equal(scram_keys_parse(buf_view(&text), &again), ERR_OK);
	assert_memory_equal(&keys, &again, sizeof(keys));
	for (size_t i = 0; i < countof(bad); i++)
		assert_int_equal(scram_keys_parse(str_of(bad[i]), &again), ERR_INVALID);
	for (size_t n = 0; n < text.n; n++)
		assert_int_equal(scram_keys_parse(str_slice(buf_view(&text), 0, n), &again), ERR_INVALID);
	buf_release(&text);
}

/* RFC 4013 section 3, by their effect: the same keys, or none. */
static void iterations_have_their_limit(void **unused)
{
	static const struct {
		uint32_t iterations;
		enum err want;
	} cases[] = { { 0, ERR_INVALID },
		      { 1, ERR_OK },
		      { SCRAM_MAX_ITERATIONS, ERR_OK },
		      { SCRAM_MAX_ITERATIONS + 1, ERR_INVALID } };

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		const struct scram_keys k = { .iterations = cases[i].iterations };
		struct buf b = BUF_INIT(SCRAM_TEXT_MAX_BYTES);
		struct scram_keys back;

		scram_keys_put(&b, &k);
		assert_int_equal(scram_keys_parse(buf_view(&b), &back), cases[i].want);
		buf_release(&b);
	}
}

static void passwords_are_prepared(void **unused)
{
	static const struct {
		const char *a, *b;
	} same[] = { { "I\xc2\xadX", "IX" }, { "\xe2\x85\xa8", "IX" }, { "\xc2\xaa", "a" } };
	struct scram_keys a = { .iterations = 1 }, b = { .iterations = 1 };

	(void)unused;
	for (size_t i = 0; i < countof(same); i++) {
		assert_int_equal(scram_derive(str_of(same[i].a), &a), ERR_OK);
		assert_int_equal(scram_derive(str_of(same[i].b), &b), ERR_OK);
		assert_memory_equal(a.stored, b.stored, sizeof(a.stored));
	}
	assert_int_equal(scram_derive(S("\x07"), &a), ERR_INVALID);
	assert_int_equal(scram_derive(S(""), &a), ERR_INVALID);
	assert_int_equal(scram_derive(S("a\0b"), &a), ERR_INVALID);
	assert_int_equal(scram_derive(S("\xff"), &a), ERR_INVALID);
}

static void salts_are_of_the_address_without_case(void **unused)
{
	unsigned char a[SCRAM_SALT_BYTES], b[SCRAM_SALT_BYTES];

	(void)unused;
	scram_salt(S("secret"), S("Ann@Example.test"), a);
	scram_salt(S("secret"), S("ann@example.test"), b);
	assert_memory_equal(a, b, sizeof(a));
	scram_salt(S("other"), S("ann@example.test"), b);
	assert_memory_not_equal(a, b, sizeof(a));
	scram_salt(S("secret"), S("bob@example.test"), b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mechanisms_are_offered_by_the_channel),
		cmocka_unit_test(plain_is_three_parts),
		cmocka_unit_test(login_asks_for_two_words),
		cmocka_unit_test(a_message_has_a_limit),
		cmocka_unit_test(scram_goes_as_the_example_of_its_document),
		cmocka_unit_test(scram_first_messages),
		cmocka_unit_test(scram_proofs_are_bound_to_the_channel_and_the_nonce),
		cmocka_unit_test(scram_final_messages_that_are_refused),
		cmocka_unit_test(keys_are_written_and_read),
		cmocka_unit_test(iterations_have_their_limit),
		cmocka_unit_test(passwords_are_prepared),
		cmocka_unit_test(salts_are_of_the_address_without_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
