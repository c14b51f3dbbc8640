/* The tests' phone. */
#include <tests/support/eas_phone.h>

#include <base/base64.h>
#include <wbxml/xml.h>

#include <poll.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

enum { REQUEST_MAX = 64 * 1024 * 1024, ARENA_MAX = 256 * 1024 * 1024, XML_MAX = 64 * 1024 * 1024 };

struct eas_phone eas_phone_new(unsigned port)
{
	return (struct eas_phone){
		.version = "16.1",
		.login = "ann@example.test",
		.password = "secret",
		.device_id = "ApplDNQXTESTFFG5",
		.device_type = "iPhone",
		.content_type = "application/vnd.ms-sync.wbxml",
		.port = port,
		.client = { .fd = -1 },
		.arena = ARENA_INIT(ARENA_MAX),
		.asked = "",
		.method = "",
	};
}

void eas_phone_hang_up(struct eas_phone *p)
{
	if (p->client.fd >= 0)
		client_close(&p->client);
	p->client.fd = -1;
}

void eas_phone_release(struct eas_phone *p)
{
	eas_phone_hang_up(p);
	arena_release(&p->arena);
}

static void put_header(struct buf *b, const char *name, const char *value)
{
	if (value)
		buf_fmt(b, "%s: %s\r\n", name, value);
}

static void put_credentials(const struct eas_phone *p, struct buf *b)
{
	struct buf pair = BUF_INIT(1024);

	if (!p->login)
		return;
	buf_fmt(&pair, "%s:%s", p->login, p->password);
	buf_cstr(b, "Authorization: Basic ");
	base64_put(b, buf_view(&pair));
	buf_cstr(b, "\r\n");
	buf_release(&pair);
}

static void put_request(struct eas_phone *p, struct buf *b, const char *method, const char *target, struct str body)
{
	if (p->client.fd < 0)
		p->client = client_connect(p->port);
	buf_fmt(b, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, target);
	p->method = method;
	if (strcmp(method, "POST"))
		p->asked = method;
	put_header(b, "User-Agent", p->agent ? p->agent : "roost-test/1");
	put_credentials(p, b);
	put_header(b, "MS-ASProtocolVersion", p->version);
	put_header(b, "X-MS-PolicyKey", p->policy_key);
	if (body.n > 0)
		put_header(b, "Content-Type", p->content_type);
	buf_cstr(b, p->headers ? p->headers : "");
	buf_fmt(b, "Content-Length: %zu\r\n\r\n", body.n);
}

void eas_phone_send_to(struct eas_phone *p, const char *method, const char *target, struct str body)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(REQUEST_MAX);

	put_request(p, &b, method, target, body);
	buf_str(&b, body);
	assert_int_equal(buf_status(&b), ERR_OK);
	client_send(&p->client, buf_view(&b));
}

static void put_target(struct eas_phone *p, struct buf *target, const char *command)
{
	buf_fmt(target, "/Microsoft-Server-ActiveSync?Cmd=%s&User=ann&DeviceId=%s&DeviceType=%s%c", command,
		p->device_id, p->device_type, '\0');
	p->asked = command;
}

void eas_phone_send(struct eas_phone *p, const char *command, struct str body)
{
	CLEANUP(buf_release) struct buf target = BUF_INIT(4096);

	put_target(p, &target, command);
	eas_phone_send_to(p, "POST", target.p, body);
}

void eas_phone_begin_late(struct eas_phone *p, const char *command, struct str body)
{
	CLEANUP(buf_release) struct buf target = BUF_INIT(4096), head = BUF_INIT(REQUEST_MAX);

	p->headers = "Expect: 100-continue\r\n";
	put_target(p, &target, command);
	put_request(p, &head, "POST", target.p, body);
	client_send(&p->client, buf_view(&head));
	assert_true(client_read_until(&p->client, S("100 Continue\r\n\r\n"))); /* so its head was read */
	client_consume(&p->client, p->client.in.n);
	client_send(&p->client, str_slice(body, 0, body.n - 1));
}

struct eas_reply eas_phone_end_late(struct eas_phone *p, struct str body)
{
	client_send(&p->client, str_slice(body, body.n - 1, body.n));
	return eas_phone_receive(p);
}

bool eas_phone_has_answer(const struct eas_phone *p, int wait_ms)
{
	struct pollfd at = { .fd = p->client.fd, .events = POLLIN };

	return p->client.in.n > 0 || poll(&at, 1, wait_ms) > 0;
}

/* Our XML is indented; a test compares elements, not blanks. */
static struct str without_indentation(struct arena *a, struct str xml)
{
	char *out = arena_alloc(a, xml.n + 1);
	size_t n = 0;

	assert_non_null(out);
	for (size_t i = 0; i < xml.n; i++) {
		if (xml.p[i] == '\n') {
			while (i + 1 < xml.n && (xml.p[i + 1] == ' ' || xml.p[i + 1] == '\t'))
				i++;
			continue;
		}
		out[n++] = xml.p[i];
	}
	return str_from(out, n);
}

static void dump(const struct eas_phone *p, struct str text, const char *ending)
{
	static atomic_uint count;
	const char *folder = getenv("ROOST_TEST_DUMP");
	struct buf name = BUF_INIT(4096);
	FILE *f;

	if (!folder || !*p->asked)
		return;
	buf_fmt(&name, "%s/%s-%s-%d-%u.%s%c", folder, p->asked, p->version ? p->version : "", (int)getpid(),
		atomic_fetch_add(&count, 1), ending, '\0');
	f = fopen(name.p, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	assert_int_equal(fclose(f), 0);
	buf_release(&name);
}

/* A line of what was asked for and how the body begins, then status line and headers as they came. */
static void dump_head(const struct eas_phone *p, const struct eas_reply *r)
{
	enum { BEGINNING = 4 };
	struct buf text = BUF_INIT(1 << 20);

	buf_fmt(&text, "%s %zu ", p->method, r->body.n);
	for (size_t i = 0; i < r->body.n && i < BEGINNING; i++)
		buf_fmt(&text, "%02x", (unsigned char)r->body.p[i]);
	buf_char(&text, '\n');
	buf_str(&text, r->head);
	dump(p, buf_view(&text), "head");
	buf_release(&text);
}

/*
 * Whatever a test is about: an answer speaks only of what the version that was asked in knows; of a command that the version has not there
 * is no other way to speak.
 */
static void assert_of_version(const struct eas_phone *p, struct str body)
{
	struct wbxml_reader r;
	enum eas_version v;

	if (!p->version || eas_version_parse(str_trim(str_of(p->version)), &v) != ERR_OK)
		return;
	wbxml_reader_init(&r, body);
	r.octets = true;
	for (enum wbxml_event ev = wbxml_next(&r); ev != WBXML_DONE && ev != WBXML_BAD; ev = wbxml_next(&r)) {
		if (ev != WBXML_START || wbxml_tag_in(r.tag, v))
			continue;
		if (r.depth == 1)
			return;
		fail_msg("the answer to %s has " STR_FMT ", which %s does not know", p->asked,
			 STR_ARG(wbxml_tag_name(r.tag)), p->version);
	}
}

static struct str to_xml(struct eas_phone *p, struct str body)
{
	struct buf xml = BUF_INIT(XML_MAX);
	struct wbxml_reader r;
	struct str flat;

	wbxml_reader_init(&r, body);
	r.octets = true; /* MIME of the wild */
	if (wbxml_to_xml(&r, &xml) != ERR_OK)
		fail_msg("the answer to %s is no WBXML: %s at %zu", p->asked, wbxml_why_text(r.why), r.at);
	assert_of_version(p, body);
	dump(p, buf_view(&xml), "xml");
	flat = without_indentation(&p->arena, buf_view(&xml));
	buf_release(&xml);
	return flat;
}

struct eas_reply eas_phone_receive(struct eas_phone *p)
{
	struct answer a = client_answer(&p->client);
	struct eas_reply r = { .status = a.status };
	struct str all;

	assert_int_equal(arena_str(&p->arena, str_from(p->client.in.p, a.total), &all), ERR_OK);
	r.head = str_slice(all, 0, a.body_at);
	r.body = str_slice(all, a.body_at, a.total);
	client_consume(&p->client, a.total);
	dump_head(p, &r);
	if (str_ieq(eas_reply_header(&r, "Content-Type"), S("application/vnd.ms-sync.wbxml")))
		r.xml = to_xml(p, r.body);
	return r;
}

struct eas_reply eas_phone_ask(struct eas_phone *p, const char *command, struct str body)
{
	eas_phone_send(p, command, body);
	return eas_phone_receive(p);
}

struct str eas_reply_header(const struct eas_reply *r, const char *name)
{
	struct str rest = r->head, line, value;

	while (str_cut(&rest, '\n', &line)) {
		struct str head;

		value = line;
		if (str_cut(&value, ':', &head) && value.p && str_ieq(head, str_of(name)))
			return str_trim(value);
	}
	return STR_EMPTY;
}

/*
 * Sets *at behind the next "<name>" from there on; an empty one and one of a prefix are not counted. By each '<', since
 * ThreadSanitizer looks at all that memmem() might read, which is megabytes each time.
 */
static bool next_element(struct str xml, struct str open, size_t *at)
{
	for (size_t i = *at; (i += str_index(str_slice(xml, i, xml.n), '<')) < xml.n; i++)
		if (str_starts(str_slice(xml, i, xml.n), open)) {
			*at = i + open.n;
			return true;
		}
	return false;
}

/* Passes over up to n of them; the number that was there, and behind the last one. */
static unsigned pass_elements(const struct eas_reply *r, const char *element, unsigned n, size_t *ret_at)
{
	struct buf open = BUF_INIT(256);
	unsigned found = 0;

	*ret_at = 0;
	buf_fmt(&open, "<%s>", element);
	while (found < n && next_element(r->xml, buf_view(&open), ret_at))
		found++;
	buf_release(&open);
	return found;
}

size_t eas_reply_count(const struct eas_reply *r, const char *element)
{
	size_t at;

	return pass_elements(r, element, UINT_MAX, &at);
}

struct str eas_reply_text(const struct eas_reply *r, const char *element, unsigned n)
{
	size_t at;

	if (pass_elements(r, element, n + 1, &at) != n + 1)
		fail_msg("no %s[%u] in " STR_FMT, element, n, STR_ARG(r->xml));
	struct str rest = str_slice(r->xml, at, r->xml.n);
	return str_slice(rest, 0, str_index(rest, '<'));
}

void assert_xml_(const struct eas_reply *r, const char *wanted, const char *file, int line)
{
	struct str got = r->xml;
	size_t root = str_starts(got, S("<?xml")) ? str_find(got, S("?>")) + 2 : 0;

	got = str_slice(got, root, got.n);
	if (!str_eq(got, str_of(wanted))) {
		print_error("HTTP %d\n got    " STR_FMT "\n wanted %s\n", r->status, STR_ARG(got), wanted);
		_fail(file, line);
	}
}
