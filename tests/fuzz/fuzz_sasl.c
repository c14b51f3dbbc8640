/*
 * SASL: the first byte chooses the mechanism, lines are the client's messages. Nobody is proved without the proof, and a
 * password exchange that is over has a login and a password without NUL.
 */
#include <gateway/auth/sasl.h>
#include <gateway/auth/scram.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS" };

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool is_word(struct str s)
{
	return s.n > 0 && str_index(s, '\0') == s.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sasl_channel channel = { .secure = true, .exporter = { "exporter", 8 } };
	static const struct scram_keys keys = { .iterations = 4096, .stored = { 1 }, .server = { 2 } };
	struct str rest = str_from(data, size), message;
	enum sasl_result result = SASL_CHALLENGE;
	struct buf out = BUF_INIT(64 * 1024);
	struct sasl *s;

	if (size == 0)
		return 0;
	s = sasl_new(str_of(names[data[0] % countof(names)]), &channel);
	rest = str_slice(rest, 1, rest.n);
	sasl_set_nonce(s, S("nonce"));
	for (bool first = true; result == SASL_CHALLENGE && str_cut(&rest, '\n', &message); first = false) {
		buf_clear(&out);
		result = first ? sasl_begin(s, message, &out) : sasl_put(s, message, &out);
		if (result == SASL_KEYS)
			result = sasl_keys(s, &keys, &out);
		check(buf_status(&out) == ERR_OK);
	}
	check(result != SASL_PROVED);
	if (result == SASL_PASSWORD)
		check(is_word(sasl_login(s)) && is_word(sasl_password(s)));
	sasl_free(&s);
	buf_release(&out);
	return 0;
}
