/* Routes, and who may ask: POX and SOAP want a login and tell of its own addresses alone; the rest tells of domains. */
#include <gateway/autodiscover/documents.h>
#include <gateway/autodiscover/soap.h>

#include <base/mem.h>
#include <base/utf8.h>
#include <gateway/login/login.h>
#include <store/account.h>
#include <store/redirect.h>

#include <stdlib.h>

#define XML_TYPE S("text/xml; charset=utf-8")
#define JSON_TYPE S("application/json; charset=utf-8")
#define PROFILE_TYPE S("application/x-apple-aspen-config; charset=utf-8")

struct autodiscover {
	struct store *store;
	struct auth *auth;
	const struct clock *clock;
	struct discovery facts;
};

struct autodiscover *autodiscover_new(const struct autodiscover_args *args)
{
	struct autodiscover *a = mem_alloc(sizeof(*a));

	*a = (struct autodiscover){ args->store, args->auth, args->clock, args->facts };
	return a;
}

void autodiscover_free(struct autodiscover **ap)
{
	free(*ap);
	*ap = NULL;
}

static void respond(struct http_request *r, struct http_response *resp, struct str type)
{
	if (buf_status(&resp->body)) {
		http_response_release(resp);
		http_respond_status(r, 500);
		return;
	}
	resp->content_type = type;
	http_response_header(resp, "Cache-Control", S("private"));
	http_respond(r, resp);
}

static bool authenticate(struct autodiscover *a, struct http_request *r, struct auth_identity *ret)
{
	return login_basic(r, &(struct login_gate){ .auth = a->auth, .service = AUTH_DISCOVERY }, ret);
}

static void doorman(struct http_request *r, struct worker *w, void *ctx)
{
	struct auth_identity who;

	(void)w;
	if (authenticate(ctx, r, &who))
		http_admit(r);
}

struct who {
	struct str name, address; /* the first of the addresses */
	struct str *addresses;
	size_t addresses_n;
	struct redirect redirect;
};

static enum err read_who(struct autodiscover *a, struct arena *arena, int64_t account, struct who *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct account row;

	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_get(arena, tx, account, &row));
	ret->name = row.name;
	ret->address = row.address;
	TRY(redirect_get(arena, tx, account, &ret->redirect));
	return account_addresses(arena, tx, account, &ret->addresses, &ret->addresses_n);
}

static bool is_own(const struct who *who, struct str address)
{
	for (size_t i = 0; i < who->addresses_n; i++)
		if (str_ieq(who->addresses[i], address))
			return true;
	return false;
}

static enum err domain_known(struct autodiscover *a, struct str domain, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	*ret = false;
	if (domain.n == 0 || domain.n > ACCOUNT_DOMAIN_MAX)
		return ERR_OK;
	TRY(store_begin(a->store, STORE_DIRECTORY, STORE_READ, &tx));
	return account_domain_known(tx, domain, ret);
}

static struct discovery_redirect redirect_of(const struct who *who)
{
	return (struct discovery_redirect){ who->redirect.address, who->redirect.url };
}

/* 0, or the error that is answered. */
static int put_found(struct autodiscover *a, enum pox_reader reader, const struct pox_request *request,
		     const struct who *who, struct buf *out)
{
	bool phone = request->schema == POX_MOBILESYNC;
	/* MS-ASCMD R2228: phones hear of the first address, whichever they asked by; others look for their own in it. */
	const struct discovery_user user = { phone ? who->address : request->address, who->name };
	const struct discovery_redirect to = redirect_of(who);

	if (redirect_is_set(&who->redirect) && phone)
		pox_mobilesync_redirect(out, &to, &user);
	else if (redirect_is_set(&who->redirect))
		pox_outlook_redirect(out, &to, reader);
	else if (phone)
		pox_mobilesync(out, &a->facts, &user);
	else if (reader == POX_MAIL_CLIENT && !discovery_has_mail(&a->facts))
		return POX_NO_OPTIONS;
	else
		pox_outlook(out, &a->facts, &user, reader);
	return 0;
}

/* The request was understood, but the store does not tell of its account. */
static int put_failed(const struct pox_request *request, enum err e, struct buf *out)
{
	const enum pox_error error = e == ERR_CORRUPT ? POX_MISCONFIGURED : POX_INTERNAL;

	if (request->schema != POX_MOBILESYNC)
		return (int)error;
	pox_mobilesync_error(out, error, &(struct discovery_user){ request->address, STR_EMPTY });
	return 0;
}

static int put_pox(struct autodiscover *a, struct http_request *r, const struct auth_identity *id, struct buf *out)
{
	struct pox_request request;
	struct who who;
	int error = pox_request_read(r->arena, r->body, &request);
	enum err e;

	if (error)
		return error;
	e = read_who(a, r->arena, id->account, &who);
	if (e)
		return put_failed(&request, e, out);
	if (!is_own(&who, request.address))
		return POX_NO_SUCH_ADDRESS;
	return put_found(a, pox_reader_of(http_header(r, "User-Agent")), &request, &who, out);
}

static void pox(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct auth_identity id;
	struct http_response resp;
	int error = POX_MALFORMED;

	(void)w;
	if (r->method == HTTP_POST && !authenticate(a, r, &id))
		return;
	http_response_init(&resp, 200, AUTODISCOVER_MAX_DOCUMENT);
	if (r->method == HTTP_POST)
		error = put_pox(a, r, &id, &resp.body);
	if (error)
		pox_error(&resp.body, (enum pox_error)error, clock_wall_ms(a->clock), r->id);
	http_response_header(&resp, "X-SOAP-Enabled", S("True")); /* clients of Microsoft's EWS library look for it */
	respond(r, &resp, XML_TYPE);
}

/* Whom the request asks about, as far as this login may know. */
static enum err soap_find(struct autodiscover *a, struct arena *arena, int64_t account,
			  const struct soap_request *request, struct soap_found *ret)
{
	struct discovery_user *users = arena_array(arena, request->subjects_n, sizeof(*users));
	bool *known = arena_array(arena, request->subjects_n, sizeof(*known));
	struct who who;

	if (!users || !known)
		return ERR_LIMIT;
	TRY(read_who(a, arena, account, &who));
	for (size_t i = 0; i < request->subjects_n; i++) {
		users[i] = (struct discovery_user){ request->subjects[i], who.name };
		if (request->operation == SOAP_GET_USER_SETTINGS)
			known[i] = is_own(&who, request->subjects[i]);
		else
			TRY(domain_known(a, request->subjects[i], &known[i]));
	}
	*ret = (struct soap_found){ users, known, { STR_EMPTY, STR_EMPTY } };
	if (request->operation == SOAP_GET_USER_SETTINGS)
		ret->redirect = redirect_of(&who);
	return ERR_OK;
}

static void soap(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct auth_identity id;
	struct http_response resp;
	struct soap_request request;
	struct soap_found found;
	enum err e;

	(void)w;
	if (!authenticate(a, r, &id))
		return;
	e = soap_request_read(r->arena, r->body, &request);
	if (!e)
		e = soap_find(a, r->arena, id.account, &request, &found);
	http_response_init(&resp, e ? 500 : 200, AUTODISCOVER_MAX_DOCUMENT); /* a fault is HTTP 500: SOAP 1.1, 6.2 */
	if (e)
		soap_fault(&resp.body, e);
	else
		soap_answer(&resp.body, &a->facts, &request, &found);
	respond(r, &resp, XML_TYPE);
}

/* An address in a query may come as any bytes. */
static struct str address_param(const struct http_request *r, const char *name)
{
	struct str address = http_query_param(r, r->arena, name);

	return utf8_is_xml(address) && address.n <= ACCOUNT_ADDRESS_MAX ? address : STR_EMPTY;
}

/* /autodiscover/autodiscover.json?Email=…&Protocol=…, and …/autodiscover.json/v1.0/ADDRESS?Protocol=… */
static void v2(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct http_response resp;

	(void)w;
	http_response_init(&resp, 200, AUTODISCOVER_MAX_DOCUMENT);
	resp.status = v2_answer(&resp.body, &a->facts, http_query_param(r, r->arena, "Protocol"));
	respond(r, &resp, JSON_TYPE);
}

/* The domain that is asked about: of the address, else of the host that was asked. */
static struct str asked_domain(const struct http_request *r)
{
	struct str domain = discovery_domain(address_param(r, "emailaddress"));
	struct str host = http_header(r, "Host");

	if (domain.n > 0)
		return domain;
	host = str_slice(host, 0, str_index(host, ':'));
	return str_istarts(host, S("autoconfig.")) ? str_slice(host, sizeof("autoconfig.") - 1, host.n) : host;
}

/* Not of this server; or the store could not say. */
static void respond_missing(struct http_request *r, enum err e)
{
	if (e)
		http_respond_status(r, 503);
	else
		http_respond_status(r, 404);
}

static void autoconfig(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct str domain = asked_domain(r);
	struct http_response resp;
	bool known = false;
	enum err e = domain_known(a, domain, &known);

	(void)w;
	if (e || !known) {
		respond_missing(r, e);
		return;
	}
	http_response_init(&resp, 200, AUTODISCOVER_MAX_DOCUMENT);
	autoconfig_document(&resp.body, &a->facts, domain);
	respond(r, &resp, XML_TYPE);
}

static void pacc(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct http_response resp;

	(void)w;
	http_response_init(&resp, 200, AUTODISCOVER_MAX_DOCUMENT);
	pacc_document(&resp.body, &a->facts);
	respond(r, &resp, S("application/json"));
}

static const struct {
	struct str name;
	enum profile_kind kind;
} profile_kinds[] = {
	{ STR_INIT(""), PROFILE_ACTIVESYNC },
	{ STR_INIT("activesync"), PROFILE_ACTIVESYNC },
	{ STR_INIT("mail"), PROFILE_MAIL },
};

static bool asked_profile(const struct autodiscover *a, const struct http_request *r, enum profile_kind *ret)
{
	struct str name = http_query_param(r, r->arena, "kind");

	for (size_t i = 0; i < countof(profile_kinds); i++) {
		if (!str_ieq(name, profile_kinds[i].name))
			continue;
		*ret = profile_kinds[i].kind;
		return profile_offered(&a->facts, *ret);
	}
	return false;
}

static enum err put_profile(const struct discovery *d, enum profile_kind kind, struct str address, struct buf *out)
{
	CLEANUP(buf_release) struct buf plain = BUF_INIT(AUTODISCOVER_MAX_DOCUMENT);

	if (!d->profile_certificate) {
		profile_document(out, d, kind, address);
		return buf_status(out);
	}
	profile_document(&plain, d, kind, address);
	TRY(buf_status(&plain));
	return profile_sign(d, buf_view(&plain), out);
}

/* /roost.mobileconfig?email=ADDRESS[&kind=mail]: for a link on a page of the administrator's. */
static void profile(struct http_request *r, struct worker *w, void *ctx)
{
	struct autodiscover *a = ctx;
	struct str address = address_param(r, "email");
	struct http_response resp;
	enum profile_kind kind;
	bool known = false;
	enum err e = domain_known(a, discovery_domain(address), &known);

	(void)w;
	if (e || !known || !asked_profile(a, r, &kind)) {
		respond_missing(r, e);
		return;
	}
	http_response_init(&resp, 200, AUTODISCOVER_MAX_DOCUMENT);
	if (put_profile(&a->facts, kind, address, &resp.body)) {
		http_response_release(&resp);
		http_respond_status(r, 500);
		return;
	}
	http_response_header(&resp, "Content-Disposition", S("attachment; filename=\"roost.mobileconfig\""));
	respond(r, &resp, PROFILE_TYPE);
}

void autodiscover_routes(struct autodiscover *a, struct http_route ret[AUTODISCOVER_ROUTES])
{
	enum { GET = 1u << HTTP_GET, POST = 1u << HTTP_POST };
	const struct http_route routes[AUTODISCOVER_ROUTES] = {
		{ "/autodiscover/autodiscover.xml", GET | POST, pox, a, AUTODISCOVER_MAX_BODY, doorman },
		{ "/autodiscover/autodiscover.svc", POST, soap, a, AUTODISCOVER_MAX_BODY, doorman },
		{ "/autodiscover/autodiscover.json", GET, v2, a, AUTODISCOVER_MAX_BODY, NULL },
		{ "/autodiscover/autodiscover.json/", GET, v2, a, AUTODISCOVER_MAX_BODY, NULL },
		{ "/mail/config-v1.1.xml", GET, autoconfig, a, AUTODISCOVER_MAX_BODY, NULL },
		{ "/.well-known/autoconfig/mail/config-v1.1.xml", GET, autoconfig, a, AUTODISCOVER_MAX_BODY, NULL },
		{ "/.well-known/user-agent-configuration.json", GET, pacc, a, AUTODISCOVER_MAX_BODY, NULL },
		{ "/roost.mobileconfig", GET, profile, a, AUTODISCOVER_MAX_BODY, NULL },
	};

	for (size_t i = 0; i < AUTODISCOVER_ROUTES; i++)
		ret[i] = routes[i];
}
