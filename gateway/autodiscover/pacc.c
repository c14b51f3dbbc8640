/*
 * PACC (draft-ietf-mailmaint-pacc): text protocols stand here only on TLS at their usual ports, which is what their
 * presence means. The document's digest stands in the DNS, so the bytes depend on the facts alone and keep their order.
 */
#include <gateway/autodiscover/documents.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <jansson.h>
#include <openssl/sha.h>

#include <stdlib.h>

enum { PROVIDER_NAME_MAX = 60, PROVIDER_SHORT_NAME_MAX = 20 }; /* characters */

static const struct {
	enum discovery_service service;
	const char *name;
	unsigned port;
} protocols[] = {
	{ DISCOVERY_IMAP, "imap", 993 },
	{ DISCOVERY_POP3, "pop3", 995 },
	{ DISCOVERY_SUBMISSION, "smtp", 465 },
};

static json_t *protocols_of(const struct discovery *d)
{
	json_t *object = json_object();

	for (size_t i = 0; i < countof(protocols); i++) {
		const struct discovery_endpoint *at = &d->endpoint[protocols[i].service][DISCOVERY_TLS];

		if (at->host && at->port == protocols[i].port)
			json_object_set_new(object, protocols[i].name, json_pack("{s:s}", "host", at->host));
	}
	return object;
}

/* The first characters of a name, each of them whole. */
static struct str cut(const char *name, size_t max)
{
	struct str rest = str_of(name), all = rest;

	for (size_t i = 0; i < max && rest.n > 0; i++) {
		uint32_t c;
		size_t n = utf8_decode(rest, &c);

		if (n == 0)
			break;
		rest = str_slice(rest, n, rest.n);
	}
	return str_slice(all, 0, all.n - rest.n);
}

void pacc_document(struct buf *out, const struct discovery *d)
{
	struct str name = cut(d->provider, PROVIDER_NAME_MAX), brief = cut(d->provider, PROVIDER_SHORT_NAME_MAX);
	json_t *document =
		json_pack("{s:o, s:{s:b}, s:{s:{s:s%, s:s%}}}", "protocols", protocols_of(d), "authentication",
			  "password", 1, "info", "provider", "name", name.p, name.n, "shortName", brief.p, brief.n);
	char *text = document ? json_dumps(document, JSON_COMPACT) : NULL;

	if (!text)
		abort(); /* no memory */
	buf_cstr(out, text);
	free(text);
	json_decref(document);
}

enum err pacc_digest(struct buf *out, const struct discovery *d)
{
	CLEANUP(buf_release) struct buf document = BUF_INIT(AUTODISCOVER_MAX_DOCUMENT);
	unsigned char digest[SHA256_DIGEST_LENGTH];

	pacc_document(&document, d);
	TRY(buf_status(&document));
	SHA256((const unsigned char *)document.p, document.n, digest);
	base64_put(out, str_from(digest, sizeof(digest)));
	return buf_status(out);
}
