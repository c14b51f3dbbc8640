/* SCRAM's messages (RFC 5802 section 7). */
#include <gateway/auth/sasl_priv.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>

enum { NONCE_BYTES = 18, MIN_NONCE = 1 };
enum { FIRST, FINAL, ACKNOWLEDGED };

/* Takes "x=value" from the front of a list; false where it is something else. */
static bool take_attribute(struct str *rest, char name, struct str *ret)
{
	struct str part;

	if (!str_cut(rest, ',', &part) || part.n < 2 || part.p[0] != name || part.p[1] != '=')
		return false;
	*ret = str_slice(part, 2, part.n);
	return true;
}

/* saslname: "=2C" is ",", "=3D" is "=", and no other "=" is there. */
static bool put_name(struct str name, struct buf *out)
{
	if (name.n == 0 || !utf8_valid(name) || str_index(name, '\0') < name.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		struct str code = str_slice(name, i, i + 3);

		if (name.p[i] != '=') {
			buf_char(out, name.p[i]);
			continue;
		}
		if (!str_eq(code, S("=2C")) && !str_eq(code, S("=3D")))
			return false;
		buf_char(out, code.p[1] == '2' ? ',' : '=');
		i += 2;
	}
	return true;
}

/* Printable ASCII but ','; the comma has ended it already. */
static bool is_nonce(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return s.n >= MIN_NONCE;
}

/* gs2-cbind-flag: what the client says of the channel. */
static enum sasl_result take_flag(struct sasl *s, struct str flag)
{
	bool plus = s->mechanism->plus;

	if (str_eq(flag, S("n")))
		return plus ? SASL_MALFORMED : SASL_CHALLENGE;
	/* It could bind and thinks that we can't: somebody has taken our offer out of the list. */
	if (str_eq(flag, S("y")))
		return plus ? SASL_MALFORMED : s->plus_offered ? SASL_REFUSED : SASL_CHALLENGE;
	if (!plus)
		return SASL_MALFORMED;
	if (str_eq(flag, S("p=tls-exporter")))
		s->binding = s->channel.exporter;
	else if (str_eq(flag, S("p=tls-server-end-point")))
		s->binding = s->channel.end_point;
	return s->binding.n ? SASL_CHALLENGE : SASL_REFUSED;
}

static void add_our_nonce(struct sasl *s, struct str theirs)
{
	unsigned char random[NONCE_BYTES];
	struct buf ours = BUF_INIT(SASL_MAX_MESSAGE_BYTES);

	if (s->nonce.n) {
		buf_str(&ours, buf_view(&s->nonce));
	} else {
		if (RAND_bytes(random, sizeof(random)) != 1)
			abort();
		base64_put(&ours, str_from(random, sizeof(random)));
	}
	buf_clear(&s->nonce);
	buf_str(&s->nonce, theirs);
	buf_str(&s->nonce, buf_view(&ours));
	buf_release(&ours);
}

/* client-first-message; a mandatory extension ("m=") is none that we know. */
static enum sasl_result take_first(struct sasl *s, struct str message)
{
	struct str rest = message, flag, authorize, bare, name, nonce;
	enum sasl_result flagged;

	if (!str_cut(&rest, ',', &flag) || !rest.p || !str_cut(&rest, ',', &authorize) || !rest.p)
		return SASL_MALFORMED;
	flagged = take_flag(s, flag);
	if (flagged != SASL_CHALLENGE)
		return flagged;
	if (authorize.n &&
	    (!str_starts(authorize, S("a=")) || !put_name(str_slice(authorize, 2, authorize.n), &s->authorize)))
		return SASL_MALFORMED;
	bare = rest;
	buf_str(&s->gs2, str_slice(message, 0, message.n - bare.n));
	if (!take_attribute(&rest, 'n', &name) || !put_name(name, &s->login) || !take_attribute(&rest, 'r', &nonce) ||
	    !is_nonce(nonce))
		return SASL_MALFORMED;
	add_our_nonce(s, nonce);
	buf_str(&s->said, bare);
	return buf_status(&s->said) || buf_status(&s->nonce) ? SASL_MALFORMED : SASL_KEYS;
}

enum sasl_result sasl_keys(struct sasl *s, const struct scram_keys *keys, struct buf *out)
{
	size_t before;

	s->keys = *keys;
	buf_char(&s->said, ',');
	before = s->said.n;
	buf_cstr(&s->said, "r=");
	buf_str(&s->said, buf_view(&s->nonce));
	buf_cstr(&s->said, ",s=");
	base64_put(&s->said, str_from(keys->salt, sizeof(keys->salt)));
	buf_cstr(&s->said, ",i=");
	buf_u64(&s->said, keys->iterations);
	if (buf_status(&s->said))
		return SASL_MALFORMED;
	buf_str(out, str_slice(buf_view(&s->said), before, s->said.n));
	s->step = FINAL;
	return SASL_CHALLENGE;
}

/* c=: the header again, and what the proof is bound to. */
static bool binding_is_ours(const struct sasl *s, struct str text)
{
	struct buf sent = BUF_INIT(SASL_MAX_MESSAGE_BYTES);
	bool same = !base64_decode(&sent, text) && sent.n == s->gs2.n + s->binding.n &&
		    !CRYPTO_memcmp(sent.p, s->gs2.p, s->gs2.n) &&
		    (s->binding.n == 0 || !CRYPTO_memcmp(sent.p + s->gs2.n, s->binding.p, s->binding.n));

	buf_release(&sent);
	return same;
}

static bool proof_is_right(struct sasl *s, struct str text)
{
	struct buf proof = BUF_INIT(SCRAM_KEY_BYTES);
	bool right = !base64_decode(&proof, text) && scram_proof_right(&s->keys, buf_view(&s->said), buf_view(&proof));

	buf_release(&proof);
	return right;
}

static size_t last_comma(struct str s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] != ',')
		i--;
	return i ? i - 1 : s.n;
}

/* client-final-message. */
static enum sasl_result take_final(struct sasl *s, struct str message, struct buf *out)
{
	size_t comma = last_comma(message);
	struct str before = str_slice(message, 0, comma), proof = str_slice(message, comma + 1, message.n);
	struct str rest = before, binding, nonce;
	unsigned char signature[SCRAM_KEY_BYTES];

	if (!str_starts(proof, S("p=")) || !take_attribute(&rest, 'c', &binding) || !take_attribute(&rest, 'r', &nonce))
		return SASL_MALFORMED;
	buf_char(&s->said, ',');
	buf_str(&s->said, before);
	if (buf_status(&s->said))
		return SASL_MALFORMED;
	if (!str_eq(nonce, buf_view(&s->nonce)) || !binding_is_ours(s, binding) ||
	    !proof_is_right(s, str_slice(proof, 2, proof.n)))
		return SASL_REFUSED;
	scram_sign(&s->keys, buf_view(&s->said), signature);
	buf_cstr(out, "v=");
	base64_put(out, str_from(signature, sizeof(signature)));
	s->step = ACKNOWLEDGED;
	return SASL_CHALLENGE;
}

enum sasl_result sasl_scram_take(struct sasl *s, struct str message, struct buf *out)
{
	if (s->step == FIRST)
		return take_first(s, message);
	if (s->step == FINAL)
		return take_final(s, message, out);
	return message.n ? SASL_MALFORMED : SASL_PROVED; /* our signature needs no answer but an empty one */
}
