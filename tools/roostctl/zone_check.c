/* Whether the DNS says what a zone has to say; by the system's resolver (libresolv). */
#include <tools/roostctl/zone.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

enum {
	PORT_MAX = 65535,
	TIMEOUT_S = 3, /* of a question, which is asked twice */
	TRIES = 2,
	TEXT_MAX = 4096,
};

struct dns {
	struct __res_state state;
	unsigned char answer[NS_MAXMSG];
};

/* What the DNS says to a question. */
enum reply { REPLY_RIGHT, REPLY_OTHER, REPLY_NONE, REPLY_SILENT };

static bool use_resolver(struct dns *dns, const char *resolver)
{
	struct sockaddr_in *at = &dns->state.nsaddr_list[0];
	struct str port = str_of(resolver), address;
	char host[INET_ADDRSTRLEN] = "";
	uint64_t number;

	str_cut(&port, ':', &address);
	if (address.n >= sizeof(host) || str_to_u64(port, PORT_MAX, &number))
		return false;
	memcpy(host, address.p, address.n);
	*at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons((uint16_t)number) };
	dns->state.nscount = 1;
	return inet_pton(AF_INET, host, &at->sin_addr) == 1;
}

static bool begin(struct dns *dns, const char *resolver)
{
	memset(&dns->state, 0, sizeof(dns->state));
	if (res_ninit(&dns->state))
		return false;
	dns->state.retrans = TIMEOUT_S;
	dns->state.retry = TRIES;
	return !resolver || use_resolver(dns, resolver);
}

/* ---- what an answer says ---- */

/* "PORT HOST"; the host is "." where the service is not offered. */
static void put_srv(struct buf *out, const ns_msg *msg, const ns_rr *rr)
{
	enum { PORT_AT = 4, TARGET_AT = 6 };
	const unsigned char *data = ns_rr_rdata(*rr);
	char target[NS_MAXDNAME] = "";

	if (ns_rr_rdlen(*rr) <= TARGET_AT ||
	    ns_name_uncompress(ns_msg_base(*msg), ns_msg_end(*msg), data + TARGET_AT, target, sizeof(target)) < 0)
		return;
	buf_fmt(out, "%u %s", ns_get16(data + PORT_AT), target);
}

/* The strings of a TXT record are one text. */
static void put_txt(struct buf *out, const ns_rr *rr)
{
	const unsigned char *data = ns_rr_rdata(*rr);
	size_t n = ns_rr_rdlen(*rr);

	for (size_t i = 0; i < n; i += 1 + (size_t)data[i])
		buf_put(out, data + i + 1, data[i] < n - i ? data[i] : n - i - 1);
}

static void put_wanted(struct buf *out, const struct zone_record *want)
{
	if (want->type == ZONE_TXT)
		buf_str(out, want->text);
	else
		buf_fmt(out, "%u " STR_FMT, want->port, STR_ARG(want->text.n > 0 ? want->text : S(".")));
}

/* Is it among those of the answer (of an MX, which says nothing here, is there any)? Else *other is the last of them. */
static enum reply compare(const struct dns *dns, size_t n, int type, struct str wanted, struct buf *other)
{
	ns_msg msg;
	ns_rr rr;

	if (ns_initparse(dns->answer, (int)n, &msg))
		return REPLY_SILENT;
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++) {
		if (ns_parserr(&msg, ns_s_an, i, &rr))
			return REPLY_SILENT;
		if ((int)ns_rr_type(rr) != type)
			continue;
		buf_clear(other);
		if (type == ns_t_srv)
			put_srv(other, &msg, &rr);
		else if (type == ns_t_txt)
			put_txt(other, &rr);
		if (type == ns_t_txt ? str_eq(buf_view(other), wanted) : str_ieq(buf_view(other), wanted))
			return REPLY_RIGHT;
	}
	return other->n > 0 ? REPLY_OTHER : REPLY_NONE;
}

static enum reply ask(struct dns *dns, struct str name, int type, struct str wanted, struct buf *other)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	int n;

	buf_str(&text, name);
	buf_char(&text, '\0');
	if (buf_status(&text))
		return REPLY_NONE;
	n = res_nquery(&dns->state, text.p, ns_c_in, type, dns->answer, sizeof(dns->answer));
	if (n < 0)
		return dns->state.res_h_errno == HOST_NOT_FOUND || dns->state.res_h_errno == NO_DATA ? REPLY_NONE
												     : REPLY_SILENT;
	return compare(dns, (size_t)n < sizeof(dns->answer) ? (size_t)n : sizeof(dns->answer), type, wanted, other);
}

/* ---- rows ---- */

static void put_row(struct listing *l, const char *type, const char *result, struct str says, struct str name)
{
	listing_text(l, str_of(type));
	listing_text(l, str_of(result));
	listing_text(l, says);
	listing_text(l, name);
}

/* What is not there is a warning: clients go on without it. So is a wrong digest; a wrong service leads them astray. */
static bool put_record(struct listing *l, const struct zone_record *want, enum reply reply, struct str other)
{
	CLEANUP(buf_release) struct buf says = BUF_INIT(TEXT_MAX * 2);
	const char *type = want->type == ZONE_SRV ? "DNS, SRV" : "DNS, TXT";
	bool offered = want->text.n > 0;

	if (reply == REPLY_RIGHT)
		put_row(l, type, "ok", offered ? S("says what it should") : S("says that it is not offered"),
			want->name);
	else if (reply == REPLY_NONE)
		put_row(l, type, offered ? "warning" : "ok",
			offered ? S("is not there") : S("is not there, and not offered"), want->name);
	else {
		buf_fmt(&says, "says \"" STR_FMT "\" instead of \"", STR_ARG(other));
		put_wanted(&says, want);
		buf_char(&says, '"');
		put_row(l, type, want->type == ZONE_SRV ? "failed" : "warning", buf_view(&says), want->name);
		return want->type != ZONE_SRV;
	}
	return true;
}

static bool check_mx(struct dns *dns, struct str domain, struct listing *l)
{
	CLEANUP(buf_release) struct buf unused = BUF_INIT(TEXT_MAX);
	enum reply reply = ask(dns, domain, ns_t_mx, STR_EMPTY, &unused);

	if (reply == REPLY_SILENT)
		put_row(l, "DNS", "failed", S("does not answer"), domain);
	else if (reply == REPLY_RIGHT)
		put_row(l, "DNS, MX", "ok", S("is there"), domain);
	else
		put_row(l, "DNS, MX", "warning", S("is not there: no mail comes from elsewhere"), domain);
	return reply != REPLY_SILENT;
}

static bool check_record(struct dns *dns, const struct zone_record *want, struct listing *l)
{
	CLEANUP(buf_release) struct buf wanted = BUF_INIT(TEXT_MAX), other = BUF_INIT(TEXT_MAX);
	enum reply reply;

	put_wanted(&wanted, want);
	reply = ask(dns, want->name, want->type == ZONE_SRV ? ns_t_srv : ns_t_txt, buf_view(&wanted), &other);
	if (reply == REPLY_SILENT) {
		put_row(l, "DNS", "failed", S("does not answer"), want->name);
		return false;
	}
	return put_record(l, want, reply, buf_view(&other));
}

bool zone_check(struct arena *a, struct str domain, const struct zone_record *records, size_t n, const char *resolver,
		struct listing *l)
{
	struct dns *dns = arena_new(a, struct dns);
	bool good;

	if (!dns || !begin(dns, resolver)) {
		put_row(l, "DNS", "failed", S("there is no such resolver"), domain);
		return false;
	}
	good = check_mx(dns, domain, l);
	if (good) /* who was silent is asked no more */
		for (size_t i = 0; i < n; i++)
			if (records[i].type != ZONE_CNAME)
				good &= check_record(dns, &records[i], l);
	res_nclose(&dns->state);
	return good;
}
