/* Requests of POX Autodiscover. */
#include <gateway/autodiscover/documents.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { ARENA = 4 * 1024 * 1024 };

#define OUTLOOK_IN "http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006"
#define MOBILE_IN "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
#define OUTLOOK_OUT "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
#define MOBILE_OUT "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
#define REQUEST(in, fields) "<Autodiscover xmlns='" in "'><Request>" fields "</Request></Autodiscover>"
#define ANN "<EMailAddress>ann@example.test</EMailAddress>"
#define WANTS(schema) "<AcceptableResponseSchema>" schema "</AcceptableResponseSchema>"

static void requests_are_read_as_clients_write_them(void **unused)
{
	static const struct {
		const char *what;
		struct str body;
		int error;
		enum pox_schema schema;
	} cases[] = {
		{ "a phone", STR_INIT(REQUEST(MOBILE_IN, ANN WANTS(MOBILE_OUT))), 0, POX_MOBILESYNC },
		{ "Outlook", STR_INIT(REQUEST(OUTLOOK_IN, ANN WANTS(OUTLOOK_OUT))), 0, POX_OUTLOOK },
		{ "the namespaces mixed", STR_INIT(REQUEST(OUTLOOK_IN, WANTS(MOBILE_OUT) ANN)), 0, POX_MOBILESYNC },
		{ "no namespace",
		  STR_INIT("<Autodiscover><Request>" ANN WANTS(OUTLOOK_OUT) "</Request></Autodiscover>"), 0,
		  POX_OUTLOOK },
		{ "a prefix",
		  STR_INIT("<x:Autodiscover xmlns:x='" OUTLOOK_IN "'><x:Request><x:EMailAddress>ann@example.test"
			   "</x:EMailAddress><x:AcceptableResponseSchema>" OUTLOOK_OUT
			   "</x:AcceptableResponseSchema></x:Request></x:Autodiscover>"),
		  0, POX_OUTLOOK },
		{ "a schema in other letters",
		  STR_INIT(REQUEST(MOBILE_IN, ANN WANTS("HTTP://schemas.microsoft.com/Exchange/"
							"autodiscover/mobilesync/responseschema/2006"))),
		  0, POX_MOBILESYNC },
		{ "blanks around the address",
		  STR_INIT(REQUEST(MOBILE_IN, "<EMailAddress>\n ann@example.test </EMailAddress>" WANTS(MOBILE_OUT))),
		  0, POX_MOBILESYNC },
		{ "a schema that is not known", STR_INIT(REQUEST(MOBILE_IN, ANN WANTS("urn:x"))), POX_NO_PROVIDER, 0 },
		{ "no schema", STR_INIT(REQUEST(MOBILE_IN, ANN)), POX_MALFORMED, 0 },
		{ "no address", STR_INIT(REQUEST(MOBILE_IN, WANTS(MOBILE_OUT))), POX_MALFORMED, 0 },
		{ "a LegacyDN", STR_INIT(REQUEST(OUTLOOK_IN, "<LegacyDN>/o=x</LegacyDN>" WANTS(OUTLOOK_OUT))),
		  POX_NO_SUCH_ADDRESS, 0 },
		{ "no request", STR_INIT("<Autodiscover xmlns='" MOBILE_IN "'/>"), POX_MALFORMED, 0 },
		{ "another document", STR_INIT("<html><body/></html>"), POX_MALFORMED, 0 },
		{ "two requests",
		  STR_INIT("<Autodiscover xmlns='" MOBILE_IN "'><Request>" ANN WANTS(
			  MOBILE_OUT) "</Request><Request>" ANN WANTS(MOBILE_OUT) "</Request></Autodiscover>"),
		  POX_MALFORMED, 0 },
		{ "no XML", STR_INIT("ann@example.test"), POX_MALFORMED, 0 },
		{ "nothing", STR_INIT(""), POX_MALFORMED, 0 },
		{ "entities that grow",
		  STR_INIT("<!DOCTYPE a [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"
			   "<Autodiscover>&b;</Autodiscover>"),
		  POX_MALFORMED, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		struct arena a = ARENA_INIT(ARENA);
		struct pox_request r = { 0 };
		int error = pox_request_read(&a, cases[i].body, &r);

		if (error != cases[i].error || r.schema != cases[i].schema)
			fail_msg("%s: error %d, schema %d", cases[i].what, error, r.schema);
		if (!error && !str_eq(r.address, S("ann@example.test")))
			fail_msg("%s: " STR_FMT, cases[i].what, STR_ARG(r.address));
		arena_release(&a);
	}
}

/* A request that is padded with blanks to n bytes. */
static int read_padded(size_t n)
{
	static const char request[] = REQUEST(MOBILE_IN, ANN WANTS(MOBILE_OUT));
	struct arena a = ARENA_INIT(ARENA);
	struct buf b = BUF_INIT(AUTODISCOVER_MAX_BODY + 1);
	struct pox_request r;
	int error;

	buf_cstr(&b, request);
	while (b.n < n)
		buf_char(&b, ' ');
	error = pox_request_read(&a, buf_view(&b), &r);
	buf_release(&b);
	arena_release(&a);
	return error;
}

static void a_request_is_bounded(void **unused)
{
	(void)unused;
	assert_int_equal(read_padded(AUTODISCOVER_MAX_BODY), 0);
	assert_int_equal(read_padded(AUTODISCOVER_MAX_BODY + 1), POX_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read_as_clients_write_them),
		cmocka_unit_test(a_request_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
