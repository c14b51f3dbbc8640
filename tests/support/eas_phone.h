/*
 * A phone for tests: writes ActiveSync requests by hand over a real connection and reads the answers as XML. With
 * ROOST_TEST_DUMP=folder in the environment every document that it receives is kept there as COMMAND-VERSION-*.xml, and
 * every answer's head as COMMAND-VERSION-*.head, for tests/wire/schemas.
 */
#ifndef TESTS_SUPPORT_EAS_PHONE_H
#define TESTS_SUPPORT_EAS_PHONE_H

#include <base/arena.h>
#include <tests/support/client.h>

struct eas_phone {
	/* How it presents itself; change at will between requests. */
	const char *version; /* MS-ASProtocolVersion; NULL: none */
	const char *login, *password;
	const char *device_id, *device_type;
	const char *agent;        /* User-Agent; NULL: that of the tests */
	const char *policy_key;   /* NULL: none */
	const char *content_type; /* NULL: none */
	const char *headers;      /* further ones, "Name: value\r\n" each; NULL: none */
	/* its own */
	unsigned port;
	struct client client;
	struct arena arena; /* of the answers; emptied by eas_phone_release() */
	const char *asked;  /* the command that waits for its answer; or the method, where it is not POST */
	const char *method;
};

struct eas_reply {
	int status;      /* HTTP */
	struct str head; /* status line and headers */
	struct str body;
	struct str xml; /* of a WBXML body, with the blanks between elements taken out; .p NULL where there is none */
};

/* ann@example.test, version 16.1. The connection is made at the first request. */
struct eas_phone eas_phone_new(unsigned port);
void eas_phone_release(struct eas_phone *p);

/* POSTs a command; `body` is a document, .n 0: no body. */
void eas_phone_send(struct eas_phone *p, const char *command, struct str body);
/* Any request line's target and method. */
void eas_phone_send_to(struct eas_phone *p, const char *method, const char *target, struct str body);
/*
 * A request that is under way while others are worked on: all of it but its last octet, on a connection of its own. Its head
 * was read when this returns. eas_phone_end_late() sends that octet and reads the answer.
 */
void eas_phone_begin_late(struct eas_phone *p, const char *command, struct str body);
struct eas_reply eas_phone_end_late(struct eas_phone *p, struct str body);
struct eas_reply eas_phone_receive(struct eas_phone *p);
/* False: nothing has come yet, after so long. */
bool eas_phone_has_answer(const struct eas_phone *p, int wait_ms);
struct eas_reply eas_phone_ask(struct eas_phone *p, const char *command, struct str body);
/* The connection breaks. */
void eas_phone_hang_up(struct eas_phone *p);

/* A header of an answer; .p NULL where it is absent. */
struct str eas_reply_header(const struct eas_reply *r, const char *name);
/* Text of the n-th (from 0) element of that name in the XML; fails the test where there are fewer. */
struct str eas_reply_text(const struct eas_reply *r, const char *element, unsigned n);
size_t eas_reply_count(const struct eas_reply *r, const char *element);
#define assert_xml(reply, wanted) assert_xml_(&(reply), (wanted), __FILE__, __LINE__)
void assert_xml_(const struct eas_reply *r, const char *wanted, const char *file, int line);

#endif
