/*
 * Grammar of POP3's commands (RFC 1939, 2449, 2595, 5034, 6856): one line in, one command out. Pure, any thread.
 */
#ifndef GATEWAY_POP3_COMMAND_H
#define GATEWAY_POP3_COMMAND_H

#include <base/str.h>

enum pop3_verb {
	POP3_AUTH,
	POP3_CAPA,
	POP3_DELE,
	POP3_LANG,
	POP3_LIST,
	POP3_NOOP,
	POP3_PASS,
	POP3_QUIT,
	POP3_RETR,
	POP3_RSET,
	POP3_STAT,
	POP3_STLS,
	POP3_TOP,
	POP3_UIDL,
	POP3_USER,
	POP3_UTF8,
	POP3_VERB_MAX_
};

/* Borrows from the line. */
struct pop3_command {
	enum pop3_verb verb;
	struct str text; /* USER, PASS, LANG; AUTH's mechanism; .p NULL where there was none */
	struct str more; /* AUTH's initial response; .p NULL where there was none */
	uint64_t number; /* of a message, from 1; 0 where LIST and UIDL have none */
	uint64_t lines;  /* TOP */
};

/* ERR_UNSUPPORTED: no such verb; ERR_INVALID: its arguments are malformed. */
enum err pop3_parse(struct str line, struct pop3_command *ret) MUST_CHECK;

#endif
