/*
 * ValidateCert (MS-ASCMD 2.2.1.22): are these certificates good for signed mail? Each has a status of its own. Nothing is
 * stored, and nothing asked of the network: authorities and revocation lists are files of the administrator's.
 */
#include <gateway/activesync/command.h>

#include <base/base64.h>
#include <base/clock.h>
#include <gateway/auth/certificate.h>

enum {
	VALIDATE_DONE = 1,
	VALIDATE_BAD = 2,
};

struct request {
	struct str certificates[EAS_MAX_CERTIFICATES], chain[EAS_MAX_CERTIFICATES]; /* DER; empty: not base64 */
	size_t certificates_n, chain_n;
	bool check_crl;
};

/* Base64 with line ends or without; what is none gives an empty certificate, which is malformed. */
static enum err decode(struct arena *a, struct str text, struct str *ret)
{
	CLEANUP(buf_release) struct buf der = BUF_INIT(text.n + 1);
	struct base64_stream st = { 0 };

	base64_stream_put(&st, &der, text);
	if (buf_status(&der))
		return ERR_BUSY;
	return arena_str(a, buf_view(&der), ret) ? ERR_BUSY : ERR_OK;
}

static enum err parse_list(struct eas_request *rq, struct str *list, size_t *n)
{
	struct wbxml_reader *r = &rq->reader;
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		struct str text;

		if (r->tag != TAG_VALIDATECERT_CERTIFICATE || *n == EAS_MAX_CERTIFICATES) /* R5662 */
			return ERR_INVALID;
		TRY(wbxml_text(r, &text));
		TRY(decode(rq->arena, text, &list[(*n)++]));
	}
	return e;
}

static enum err parse(struct eas_request *rq, struct request *q)
{
	struct wbxml_reader *r = &rq->reader;
	enum err e = ERR_OK;

	while (wbxml_child(r, &rq->root, &e)) {
		switch ((unsigned)r->tag) {
		case TAG_VALIDATECERT_CERTIFICATES:
			e = parse_list(rq, q->certificates, &q->certificates_n);
			break;
		case TAG_VALIDATECERT_CERTIFICATECHAIN:
			e = parse_list(rq, q->chain, &q->chain_n);
			break;
		case TAG_VALIDATECERT_CHECKCRL:
			e = wbxml_bool(r, &q->check_crl);
			break;
		default:
			return ERR_INVALID;
		}
	}
	TRY(e);
	return q->certificates_n ? wbxml_done(r) : ERR_INVALID; /* R865 */
}

/* MS-ASCMD 2.2.3.177.18 */
static unsigned status_of(enum certificate_verdict v)
{
	static const uint8_t statuses[] = {
		[CERTIFICATE_GOOD] = 1,           [CERTIFICATE_BAD_SIGNATURE] = 3,
		[CERTIFICATE_UNTRUSTED] = 4,      [CERTIFICATE_MALFORMED] = 5,
		[CERTIFICATE_NOT_FOR_MAIL] = 6,   [CERTIFICATE_EXPIRED] = 7,
		[CERTIFICATE_CHAIN_EXPIRED] = 8,  [CERTIFICATE_MISUSED] = 9,
		[CERTIFICATE_ODD] = 10,           [CERTIFICATE_WRONG_ROLE] = 11,
		[CERTIFICATE_REVOKED] = 13,       [CERTIFICATE_REVOCATION_UNKNOWN] = 14,
		[CERTIFICATE_CHAIN_REVOKED] = 15, [CERTIFICATE_REVOCATION_UNSOUND] = 16,
		[CERTIFICATE_FAILED] = 17,
	};
	_Static_assert(countof(statuses) == CERTIFICATE_VERDICT_MAX_, "map every verdict");

	return statuses[v];
}

static void respond(struct eas_request *rq, struct certificate_store *store, const struct request *q)
{
	int64_t now_s = clock_wall_ms(rq->eas->clock) / 1000;
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_VALIDATECERT_VALIDATECERT);
	wbxml_put_u64(&w, TAG_VALIDATECERT_STATUS, VALIDATE_DONE);
	for (size_t i = 0; i < q->certificates_n; i++) {
		enum certificate_verdict v =
			certificate_verify(store, q->certificates[i], q->chain, q->chain_n, now_s, q->check_crl);

		wbxml_open(&w, TAG_VALIDATECERT_CERTIFICATE);
		wbxml_put_u64(&w, TAG_VALIDATECERT_STATUS, status_of(v));
		wbxml_close(&w, TAG_VALIDATECERT_CERTIFICATE);
	}
	wbxml_close(&w, TAG_VALIDATECERT_VALIDATECERT);
	eas_respond_wbxml(rq, &w);
}

void eas_validate_cert(struct eas_request *rq)
{
	CLEANUP(certificate_store_close) struct certificate_store *store = NULL;
	struct request *q = arena_new(rq->arena, struct request);
	enum err e = ERR_BUSY;

	if (q) {
		memset(q, 0, sizeof(*q));
		e = parse(rq, q);
		if (e == ERR_INVALID || e == ERR_LIMIT) {
			eas_respond_malformed(rq, VALIDATE_BAD);
			return;
		}
	}
	if (!e)
		e = certificate_store_open(&rq->eas->config.certificates, &store);
	if (e)
		eas_respond_err(rq, e);
	else
		respond(rq, store, q);
}
