/*
 * roostctl domain check: asks a live server as each client would, and says what each would conclude. Every answer is bounded in
 * time and size. With --server the names of the domain are not looked up: the server there is asked in their place, and the
 * DNS is not asked for its records, unless --resolver says whom.
 */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>
#include <tools/roostctl/zone.h>

#include <gateway/discovery/discovery.h>

#include <curl/curl.h>

enum {
	ANSWER_MAX = 256 * 1024,
	TIMEOUT_S = 10,
	URL_MAX = 1024,
	SAYS_MAX = 1024,
	SHOWN_MAX = 200,
};

struct probe {
	const char *client;
	const char *url;   /* %D: the domain */
	const char *body;  /* NULL: GET */
	long status;       /* what is right */
	const char *holds; /* in the body; NULL: whatever */
	bool optional;     /* clients go on without it */
	const char *concludes;
};

#define XML_ASKED \
	"<Autodiscover><Request><EMailAddress>postmaster@example.invalid</EMailAddress></Request></Autodiscover>"

/* In the order of what is needed most; which client asks what is in docs/autodiscover.md. */
static const struct probe probes[] = {
	{ "phones", "https://autodiscover.%D/autodiscover/autodiscover.xml", XML_ASKED, 401, NULL, false,
	  "asks for the password, then learns the URL of ActiveSync" },
	{ "iOS, Outlook", "https://autodiscover.%D/autodiscover/autodiscover.json/v1.0/x%%40%D?Protocol=ActiveSync",
	  NULL, 200, "Microsoft-Server-ActiveSync", false, "goes to the URL of ActiveSync" },
	{ "Outlook", "https://autodiscover.%D/autodiscover/autodiscover.xml", NULL, 200, "<ErrorCode>600</ErrorCode>",
	  false, "finds Autodiscover, then asks for the password" },
	{ "Outlook 2016",
	  "https://autodiscover.%D/autodiscover/autodiscover.json?Email=x%%40%D&Protocol=AutodiscoverV1", NULL, 200,
	  "/autodiscover/autodiscover.xml", false, "goes to the URL of Autodiscover" },
	{ "Thunderbird", "https://autoconfig.%D/mail/config-v1.1.xml?emailaddress=x%%40%D", NULL, 200,
	  "<incomingServer", false, "sets up IMAP or POP3 and submission" },
	{ "EWS libraries", "https://autodiscover.%D/autodiscover/autodiscover.svc", "<a/>", 401, NULL, true,
	  "asks for the password, then learns the URL of EWS" },
	{ "iOS, by link", "https://autodiscover.%D/roost.mobileconfig?email=x%%40%D", NULL, 200,
	  "com.apple.eas.account", true, "offers to install an account of ActiveSync" },
	{ "PACC", "https://ua-auto-config.%D/.well-known/user-agent-configuration.json", NULL, 200, "\"protocols\"",
	  true, "sets up what it knows of" },
	{ "phones, first", "https://%D/autodiscover/autodiscover.xml", XML_ASKED, 401, NULL, true,
	  "asks for the password, then learns the URL of ActiveSync" },
	{ "autoconfig, 2nd", "https://%D/.well-known/autoconfig/mail/config-v1.1.xml", NULL, 200, "<incomingServer",
	  true, "sets up IMAP or POP3 and submission" },
	{ "old clients", "http://autodiscover.%D/autodiscover/autodiscover.xml", NULL, 302, NULL, true,
	  "is sent to HTTPS" },
};

struct answer {
	long status;
	struct buf body;
	char why[CURL_ERROR_SIZE];
};

static size_t take(char *p, size_t size, size_t n, void *to)
{
	struct buf *body = to;

	buf_put(body, p, size * n);
	return buf_status(body) ? 0 : n;
}

static void put_url(struct buf *b, const char *pattern, const char *domain)
{
	for (const char *p = pattern; *p; p++) {
		if (*p != '%') {
			buf_char(b, *p);
			continue;
		}
		if (*++p == 'D')
			buf_cstr(b, domain);
		else
			buf_char(b, *p);
	}
	buf_char(b, '\0');
}

/* "::HOST:PORT": whatever is asked goes there. */
static struct curl_slist *detour(const char *server)
{
	CLEANUP(buf_release) struct buf to = BUF_INIT(URL_MAX);

	if (!server)
		return NULL;
	buf_fmt(&to, "::%s%c", server, '\0');
	return buf_status(&to) ? NULL : curl_slist_append(NULL, to.p);
}

static void set_options(CURL *curl, const struct probe *p, const struct args *args, const char *url, struct answer *a)
{
	(void)curl_easy_setopt(curl, CURLOPT_URL, url);
	(void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
	(void)curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, a->why);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
	(void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &a->body);
	if (args->option[OPTION_CA])
		(void)curl_easy_setopt(curl, CURLOPT_CAINFO, args->option[OPTION_CA]);
	if (p->body)
		(void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, p->body);
}

/* False: there is no answer, and a->why says why. */
static bool ask(const struct probe *p, const struct args *args, const char *url, struct answer *a)
{
	CURL *curl = curl_easy_init();
	struct curl_slist *to = detour(args->option[OPTION_SERVER]);
	bool ok = false;

	if (curl) {
		set_options(curl, p, args, url, a);
		(void)curl_easy_setopt(curl, CURLOPT_CONNECT_TO, to);
		ok = curl_easy_perform(curl) == CURLE_OK;
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &a->status);
		curl_easy_cleanup(curl);
	}
	curl_slist_free_all(to);
	return ok;
}

static bool is_right(const struct probe *p, const struct answer *a)
{
	struct str body = buf_view(&a->body);

	return a->status == p->status && (!p->holds || str_find(body, str_of(p->holds)) < body.n);
}

static void put_says(struct buf *b, const struct probe *p, bool answered, const struct answer *a)
{
	if (!answered)
		buf_fmt(b, "finds nobody: " STR_FMT, STR_ARG(str_slice(str_of(a->why), 0, SHOWN_MAX)));
	else if (is_right(p, a))
		buf_cstr(b, p->concludes);
	else if (a->status == p->status)
		buf_fmt(b, "does not understand the answer, which is HTTP %ld", a->status);
	else
		buf_fmt(b, "goes elsewhere: HTTP %ld instead of %ld", a->status, p->status);
}

/* Is it as it should be, or may it be otherwise? */
static bool probe_one(const struct probe *p, const struct args *args, struct listing *l)
{
	CLEANUP(buf_release) struct buf url = BUF_INIT(URL_MAX), says = BUF_INIT(SAYS_MAX);
	struct answer a = { .body = BUF_INIT(ANSWER_MAX) };
	bool answered, right;

	put_url(&url, p->url, args->word[0]);
	answered = !buf_status(&url) && ask(p, args, url.p, &a);
	right = answered && is_right(p, &a);
	put_says(&says, p, answered, &a);
	listing_text(l, str_of(p->client));
	listing_text(l, right ? S("ok") : p->optional ? S("warning") : S("failed"));
	listing_text(l, buf_view(&says));
	listing_text(l, url.n > 0 ? str_slice(buf_view(&url), 0, url.n - 1) : STR_EMPTY);
	buf_release(&a.body);
	return right || p->optional;
}

static enum err check_zone(struct ctl *c, const struct args *args, struct listing *l, bool *good)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ZONE_ARENA_MAX);
	struct str domain = str_of(args->word[0]);
	struct zone_record *records;
	struct discovery d;
	size_t n;

	if (args->option[OPTION_SERVER] && !args->option[OPTION_RESOLVER])
		return ERR_OK;
	TRY(discovery_of(&c->config, &d));
	TRY(zone_of(&a, domain, &d, &records, &n));
	*good &= zone_check(&a, domain, records, n, args->option[OPTION_RESOLVER], l);
	return ERR_OK;
}

enum status domain_run_check(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "client", "CLIENT", 16 },
		{ "result", "RESULT", 8 },
		{ "concludes", "CONCLUDES", 58 },
		{ "url", "URL OR NAME", 20 },
	};
	struct listing l;
	bool good = true;
	enum status status;
	enum err e;

	if (!zone_is_domain(str_of(args->word[0]))) {
		ctl_say("%s: not a domain (in its ASCII form, without a dot at the end)", args->word[0]);
		return STATUS_MISUSED;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return ctl_fail(ERR_BUSY, "curl");
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < countof(probes); i++)
		good &= probe_one(&probes[i], args, &l);
	e = check_zone(c, args, &l, &good);
	listing_end(&l);
	curl_global_cleanup();
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	status = ctl_flush();
	return status ? status : good ? STATUS_DONE : STATUS_FAILED;
}
