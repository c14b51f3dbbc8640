/*
 * An SMTP server that does what a test says, on a real socket: rules that answer commands by their beginnings, and
 * places where it hangs up. It takes one connection at a time, on a thread of its own, and remembers what it heard.
 */
#ifndef TESTS_UNIT_OUTBOUND_SMTP_SERVER_H
#define TESTS_UNIT_OUTBOUND_SMTP_SERVER_H

#include <base/buf.h>
#include <tests/support/elsewhere.h>

#include <pthread.h>

enum { SMTP_RULES_MAX = 16, SMTP_MESSAGES_MAX = 64 };

/* What a command that begins with `command` is answered; reply NULL: it hangs up. The first rule that fits. */
struct smtp_rule {
	const char *command, *reply;
	unsigned times; /* so often, then it does not count any more; 0: always */
};

struct smtp_server {
	/* Set before smtp_server_start(), and while no client is connected. */
	struct smtp_rule rules[SMTP_RULES_MAX];
	const char *extensions; /* lines of EHLO, "250-DSN\r\n…"; NULL: none */
	long hang_up_in_text;   /* after so many bytes of a message; -1: not at all. Once */
	bool hang_up_after_dot; /* takes the message and hangs up. Once */
	/* Read when no client is connected. */
	struct buf heard;                       /* commands, a line each */
	struct buf messages[SMTP_MESSAGES_MAX]; /* taken, with dots undone */
	size_t messages_n;
	unsigned port, connections;
	/* private */
	int place, listener;
	pthread_t thread;
	bool running;
	struct elsewhere elsewhere;
};

void smtp_server_start(struct smtp_server *s);
void smtp_server_stop(struct smtp_server *s); /* and joins: nothing connects any more; rules stay */
void smtp_server_release(struct smtp_server *s);

#endif
