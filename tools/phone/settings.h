/* The command line of roost-phone. */
#ifndef PHONE_SETTINGS_H
#define PHONE_SETTINGS_H

#include "exchange.h"
#include "request.h"
#include "sync_request.h"

struct settings {
	struct identity identity; /* its policy key is the store's */
	const char *ca_file;
	bool insecure, verbose;
	const char *store; /* directory */
	const char *password_file;
	enum cut cut;
	uint32_t cut_at;    /* which request of this run, from 1 */
	uint32_t timeout_s; /* of a request, beside the time it is held */

	const char *folder; /* NULL: the inbox */
	bool all;           /* every folder of mail, or of: */
	unsigned classes;   /* 1 << enum item_class; 0: none named */
	bool resync;        /* begin again where the server refuses a key */
	bool partial;       /* Sync that names what is other than in the one before */
	bool empty;         /* Sync and Ping without a body: the server is to use what it cached */
	struct sync_options sync;
	uint32_t heartbeat_s;
	bool once;
	uint32_t count; /* watch: end after so many changes; 0: never */

	/* load */
	const char *users; /* "user%@example.test": % becomes the device's number */
	uint32_t devices, users_n, wakes;
	const char *wake_command;

	const char *command;
	char **args;
	int args_n;
};

enum {
	SETTINGS_MIN_HEARTBEAT_S = 1, /* the server's bounds are the server's to tell */
	SETTINGS_MAX_HEARTBEAT_S = 86400,
	SETTINGS_DEFAULT_HEARTBEAT_S = 480,
	SETTINGS_DEFAULT_TIMEOUT_S = 60,
	SETTINGS_DEFAULT_WINDOW = 100, /* MS-ASCMD 2.2.3.199 */
	SETTINGS_MAX_DEVICES = 100000,
};

/* ERR_INVALID: wrong use, told in why. The strings are argv's. */
enum err settings_parse(struct settings *s, int argc, char **argv, struct buf *why) MUST_CHECK;

/* The password of --password-file, without its line end, into room. */
enum err settings_read_password(struct settings *s, struct buf *room, struct buf *why) MUST_CHECK;

/* The list of options, for --help; one a row. */
void settings_put_help(struct buf *out);

#endif
