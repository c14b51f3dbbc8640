/* The PROXY header, whole and an octet at a time. Sections are those of haproxy's proxy-protocol.txt. */
#include <gateway/net/proxy.h>

#include <base/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define V4 "\xc0\x00\x02\x07\xc6\x33\x64\x01\xc3\x50\x01\xbb"
#define V6_SOURCE "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
#define V6 V6_SOURCE "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xc3\x50\x01\xbb"
#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define UNKNOWN_LONGEST \
	"PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"

enum { UNIX_PAIR_BYTES = 216 };

static void shown(const struct proxy_header *h, char host[NET_HOST_MAX])
{
	host[0] = '\0';
	if (h->source == PROXY_IP)
		net_ip_host(&h->ip, host);
}

/* Feeds it an octet at a time: the verdict may not come later than it is certain, nor change, nor need what follows. */
static void check(const char *what, struct str in, enum proxy_result result, enum proxy_source source, const char *host)
{
	struct proxy_header h = { 0 }, whole = { 0 };
	enum proxy_result got = PROXY_NEED_MORE;
	char name[NET_HOST_MAX];
	size_t n = 0;

	while (got == PROXY_NEED_MORE && n < in.n)
		got = proxy_parse(str_slice(in, 0, ++n), &h);
	if (got != result || proxy_parse(in, &whole) != result)
		fail_msg("%s: result %d after %zu octets", what, got, n);
	if (result != PROXY_DONE)
		return;
	shown(&whole, name);
	if (h.n != n || whole.n != n || whole.source != source || strcmp(name, host) != 0)
		fail_msg("%s: %zu octets, source %d, %s", what, whole.n, whole.source, name);
}

/* Section 2.1. */
static void the_text_form_is_read_strictly(void **unused)
{
	static const struct {
		const char *what, *text;
		enum proxy_result result;
		enum proxy_source source;
		const char *host;
	} cases[] = {
		{ "IPv4", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n", PROXY_DONE, PROXY_IP, "192.0.2.7" },
		{ "IPv6", "PROXY TCP6 2001:DB8::7 2001:db8::1 0 65535\r\nGET", PROXY_DONE, PROXY_IP, "2001:db8::7" },
		{ "the longest IPv4", "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", PROXY_DONE,
		  PROXY_IP, "255.255.255.255" },
		{ "unknown, short", "PROXY UNKNOWN\r\n", PROXY_DONE, PROXY_SELF, "" },
		{ "unknown with anything", "PROXY UNKNOWN \x01\r ??\r\n", PROXY_DONE, PROXY_SELF, "" },
		{ "the longest line", UNKNOWN_LONGEST "\r\n", PROXY_DONE, PROXY_SELF, "" },
		{ "one octet past it", UNKNOWN_LONGEST "x\r\n", PROXY_BAD, 0, NULL },
		{ "no end in sight", UNKNOWN_LONGEST "xxxxxxx", PROXY_BAD, 0, NULL },
		{ "a bare LF", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\n", PROXY_BAD, 0, NULL },
		{ "a CR inside", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\r\n", PROXY_BAD, 0, NULL },
		{ "two blanks", "PROXY TCP4  192.0.2.7 198.51.100.1 50000 443\r\n", PROXY_BAD, 0, NULL },
		{ "a blank at the end", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443 \r\n", PROXY_BAD, 0, NULL },
		{ "one field too many", "PROXY TCP4 192.0.2.7 198.51.100.1 50000 443 1\r\n", PROXY_BAD, 0, NULL },
		{ "one field too few", "PROXY TCP4 192.0.2.7 198.51.100.1 50000\r\n", PROXY_BAD, 0, NULL },
		{ "the other family", "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "the other family, back", "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "leading zeros in an address", "PROXY TCP4 192.0.02.7 198.51.100.1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "leading zeros in a port", "PROXY TCP4 192.0.2.7 198.51.100.1 01 2\r\n", PROXY_BAD, 0, NULL },
		{ "a port too high", "PROXY TCP4 192.0.2.7 198.51.100.1 1 65536\r\n", PROXY_BAD, 0, NULL },
		{ "a sign", "PROXY TCP4 192.0.2.7 198.51.100.1 +1 2\r\n", PROXY_BAD, 0, NULL },
		{ "a name", "PROXY TCP4 mail.example.test 198.51.100.1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "an unknown family", "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "lower case", "proxy TCP4 192.0.2.7 198.51.100.1 1 2\r\n", PROXY_BAD, 0, NULL },
		{ "nothing behind the name", "PROXY \r\n", PROXY_BAD, 0, NULL },
		{ "HTTP's own P", "POST / HTTP/1.1\r\n", PROXY_BAD, 0, NULL },
		{ "HTTP", "GET / HTTP/1.1\r\n", PROXY_BAD, 0, NULL },
		{ "TLS", "\x16\x03\x01", PROXY_BAD, 0, NULL },
		{ "a beginning", "PROXY TCP4 192.0.2.7", PROXY_NEED_MORE, 0, NULL },
		{ "nothing", "", PROXY_NEED_MORE, 0, NULL },
	};

	(void)unused;
	assert_int_equal(strlen(UNKNOWN_LONGEST "\r\n"), PROXY_V1_MAX_BYTES);
	for (size_t i = 0; i < countof(cases); i++)
		check(cases[i].what, str_of(cases[i].text), cases[i].result, cases[i].source, cases[i].host);
}

/* Section 2.2. */
static void the_binary_form_is_read_strictly(void **unused)
{
	static const struct {
		const char *what;
		struct str bytes;
		enum proxy_result result;
		enum proxy_source source;
		const char *host;
	} cases[] = {
		{ "TCP over IPv4", STR_INIT(SIGNATURE "\x21\x11\0\x0c" V4 "LHLO"), PROXY_DONE, PROXY_IP, "192.0.2.7" },
		{ "UDP over IPv4", STR_INIT(SIGNATURE "\x21\x12\0\x0c" V4), PROXY_DONE, PROXY_IP, "192.0.2.7" },
		{ "TCP over IPv6", STR_INIT(SIGNATURE "\x21\x21\0\x24" V6), PROXY_DONE, PROXY_IP, "2001:db8::7" },
		{ "TLVs", STR_INIT(SIGNATURE "\x21\x11\0\x14" V4 "\x04\0\x02xx\xe0\0\0"), PROXY_DONE, PROXY_IP,
		  "192.0.2.7" },
		{ "a TLV past the end", STR_INIT(SIGNATURE "\x21\x11\0\x11" V4 "\x04\0\x03xx"), PROXY_BAD, 0, NULL },
		{ "half a TLV", STR_INIT(SIGNATURE "\x21\x11\0\x0e" V4 "\x04\0"), PROXY_BAD, 0, NULL },
		{ "local", STR_INIT(SIGNATURE "\x20\0\0\0"), PROXY_DONE, PROXY_SELF, "" },
		{ "local with an address", STR_INIT(SIGNATURE "\x20\x11\0\x0c" V4), PROXY_DONE, PROXY_SELF, "" },
		{ "local with nonsense", STR_INIT(SIGNATURE "\x20\xff\0\x02zz"), PROXY_DONE, PROXY_SELF, "" },
		{ "unspecified", STR_INIT(SIGNATURE "\x21\0\0\x03zzz"), PROXY_DONE, PROXY_SELF, "" },
		{ "unspecified transport", STR_INIT(SIGNATURE "\x21\x10\0\x0c" V4), PROXY_DONE, PROXY_SELF, "" },
		{ "unknown family", STR_INIT(SIGNATURE "\x21\x41\0\0"), PROXY_BAD, 0, NULL },
		{ "unknown transport", STR_INIT(SIGNATURE "\x21\x13\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "unknown command", STR_INIT(SIGNATURE "\x22\x11\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "version 1", STR_INIT(SIGNATURE "\x11\x11\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "version 3", STR_INIT(SIGNATURE "\x31\x11\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "shorter than its addresses", STR_INIT(SIGNATURE "\x21\x11\0\x0b" V4), PROXY_BAD, 0, NULL },
		{ "IPv6 as long as IPv4", STR_INIT(SIGNATURE "\x21\x21\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "a broken signature", STR_INIT("\r\n\r\n\0\r\nQUIT\r\x21\x11\0\x0c" V4), PROXY_BAD, 0, NULL },
		{ "empty lines of HTTP", STR_INIT("\r\n\r\nGET"), PROXY_BAD, 0, NULL },
		{ "no addresses yet", STR_INIT(SIGNATURE "\x21\x11\0\x0c\xc0"), PROXY_NEED_MORE, 0, NULL },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++)
		check(cases[i].what, cases[i].bytes, cases[i].result, cases[i].source, cases[i].host);
}

static void put_header(struct buf *b, const char *command_and_family, size_t n)
{
	buf_str(b, S(SIGNATURE));
	buf_put(b, command_and_family, 2);
	buf_char(b, (char)(n >> 8));
	buf_char(b, (char)(n & 0xff));
	for (size_t i = 0; i < n; i++)
		buf_char(b, '\0');
}

static void a_unix_client_is_taken(void **unused)
{
	struct buf b = BUF_INIT(1024);

	(void)unused;
	put_header(&b, "\x21\x31", UNIX_PAIR_BYTES);
	check("a unix stream", buf_view(&b), PROXY_DONE, PROXY_UNIX, "");
	buf_clear(&b);
	put_header(&b, "\x21\x31", UNIX_PAIR_BYTES - 1);
	check("one octet short", buf_view(&b), PROXY_BAD, 0, NULL);
	buf_release(&b);
}

static void the_binary_form_has_a_ceiling(void **unused)
{
	struct buf b = BUF_INIT(2 * PROXY_V2_MAX_BYTES);

	(void)unused;
	put_header(&b, "\x20\0", PROXY_V2_MAX_BYTES - 16);
	check("the longest", buf_view(&b), PROXY_DONE, PROXY_SELF, "");
	buf_clear(&b);
	put_header(&b, "\x20\0", PROXY_V2_MAX_BYTES - 16 + 1);
	check("one octet more", str_slice(buf_view(&b), 0, 16), PROXY_BAD, 0, NULL);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_text_form_is_read_strictly),
		cmocka_unit_test(the_binary_form_is_read_strictly),
		cmocka_unit_test(a_unix_client_is_taken),
		cmocka_unit_test(the_binary_form_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
