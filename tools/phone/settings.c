/* Options: one table says how each is written, what it takes, and for whom it is explained. */
#include "settings.h"

#include "fault.h"
#include "files.h"

#include <base/mem.h>

#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>

struct word {
	const char *word;
	uint32_t value;
};

static const struct word body_words[] = {
	{ "none", BODY_NONE }, { "plain", BODY_PLAIN }, { "html", BODY_HTML }, { "mime", BODY_MIME }, { NULL, 0 }
};
static const struct word cut_words[] = {
	{ "before", CUT_BEFORE }, { "half", CUT_HALF }, { "after", CUT_AFTER }, { NULL, 0 }
};
static const struct word class_words[] = { { "mail", 1 << CLASS_MAIL },
					   { "calendar", 1 << CLASS_CALENDAR },
					   { "contacts", 1 << CLASS_CONTACTS },
					   { "tasks", 1 << CLASS_TASKS },
					   { "notes", 1 << CLASS_NOTES },
					   { "any", CLASSES_ALL },
					   { NULL, 0 } };
static const struct word query_words[] = { { "plain", false }, { "base64", true }, { NULL, 0 } };

/* What an option's value becomes; a row uses one of them. */
enum kind { IS_FLAG, IS_CSTR, IS_STR, IS_NUMBER, IS_WORD, IS_WORD_BOOL, IS_URL, IS_VERSION, IS_TRUNCATE };

struct option_row {
	const char *name, *takes;
	enum kind kind;
	size_t offset;
	uint32_t min, max;
	const struct word *words;
	const char *help;
};

#define AT(member) offsetof(struct settings, member)

static const struct option_row rows[] = {
	{ "url", "URL", IS_URL, AT(identity.url), 0, 0, NULL, "the server: https://host:port or http://host:port" },
	{ "user", "NAME", IS_STR, AT(identity.user), 0, 0, NULL, "login, as ann@example.test" },
	{ "password", "TEXT", IS_STR, AT(identity.password), 0, 0, NULL, "password (visible to others in ps)" },
	{ "password-file", "FILE", IS_CSTR, AT(password_file), 0, 0, NULL, "password: the first line of the file" },
	{ "device-id", "ID", IS_STR, AT(identity.device_id), 0, 0, NULL, "the device; letters and digits" },
	{ "device-type", "TYPE", IS_STR, AT(identity.device_type), 0, 0, NULL, "default RoostPhone" },
	{ "version", "V", IS_VERSION, AT(identity.version), 0, 0, NULL, "12.1, 14.0, 14.1, 16.0 or 16.1 (default)" },
	{ "query", "plain|base64", IS_WORD_BOOL, AT(identity.base64_query), 0, 0, query_words,
	  "form of the query; default plain" },
	{ "cafile", "FILE", IS_CSTR, AT(ca_file), 0, 0, NULL, "PEM of who signed the server's certificate" },
	{ "insecure", NULL, IS_FLAG, AT(insecure), 0, 0, NULL, "do not verify the server's certificate" },
	{ "store", "DIR", IS_CSTR, AT(store), 0, 0, NULL, "where the phone keeps keys and mail; default ./phone" },
	{ "timeout", "S", IS_NUMBER, AT(timeout_s), 1, 86400, NULL,
	  "wait so long for an answer beyond its hold; default 60" },
	{ "verbose", NULL, IS_FLAG, AT(verbose), 0, 0, NULL, "-v: print the traffic, decoded" },
	{ "folder", "NAME", IS_CSTR, AT(folder), 0, 0, NULL,
	  "sync, ping, wait, watch, list: this folder; default the inbox" },
	{ "all", NULL, IS_FLAG, AT(all), 0, 0, NULL, "every folder of mail" },
	{ "class", "mail|calendar|contacts|tasks|notes|any", IS_WORD, AT(classes), 0, 0, class_words,
	  "every folder of that" },
	{ "window", "N", IS_NUMBER, AT(sync.window), 1, SYNC_MAX_WINDOW, NULL, "WindowSize; default 100" },
	{ "filter", "N", IS_NUMBER, AT(sync.filter), 0, SYNC_MAX_FILTER, NULL, "FilterType; default 0, all" },
	{ "body", "none|plain|html|mime", IS_WORD, AT(sync.body), 0, 0, body_words,
	  "what bodies to ask for; default mime" },
	{ "truncate", "BYTES", IS_TRUNCATE, AT(sync), 0, UINT32_MAX, NULL, "TruncationSize; default none" },
	{ "preview", "N", IS_NUMBER, AT(sync.preview_chars), 0, SYNC_MAX_PREVIEW, NULL,
	  "Preview of so many characters" },
	{ "no-changes", NULL, IS_FLAG, AT(sync.no_changes), 0, 0, NULL, "GetChanges 0: send only" },
	{ "for-good", NULL, IS_FLAG, AT(sync.delete_for_good), 0, 0, NULL, "DeletesAsMoves 0" },
	{ "empty", NULL, IS_FLAG, AT(empty), 0, 0, NULL, "sync, wait, ping: send no body, for what the server cached" },
	{ "partial", NULL, IS_FLAG, AT(partial), 0, 0, NULL,
	  "sync: name with Partial only what is other than in the Sync before" },
	{ "parts", NULL, IS_FLAG, AT(identity.accepts_parts), 0, 0, NULL, "fetch: octets behind the document" },
	{ "resync", NULL, IS_FLAG, AT(resync), 0, 0, NULL, "begin again where the server refuses a key" },
	{ "heartbeat", "S", IS_NUMBER, AT(heartbeat_s), SETTINGS_MIN_HEARTBEAT_S, SETTINGS_MAX_HEARTBEAT_S, NULL,
	  "hold of ping, wait and watch; default 480" },
	{ "once", NULL, IS_FLAG, AT(once), 0, 0, NULL, "ping: one request, whatever it answers" },
	{ "count", "N", IS_NUMBER, AT(count), 1, UINT32_MAX, NULL, "watch: end after so many wakes" },
	{ "cut", "before|half|after", IS_WORD, AT(cut), 0, 0, cut_words, "lose the response there, and save nothing" },
	{ "cut-at", "N", IS_NUMBER, AT(cut_at), 1, UINT32_MAX, NULL, "the N-th request's; default 1" },
	{ "devices", "N", IS_NUMBER, AT(devices), 1, SETTINGS_MAX_DEVICES, NULL, "load: how many" },
	{ "users", "PATTERN", IS_CSTR, AT(users), 0, 0, NULL,
	  "load: logins; % becomes a number from 1; default --user" },
	{ "users-n", "N", IS_NUMBER, AT(users_n), 1, SETTINGS_MAX_DEVICES, NULL,
	  "load: numbers go up to N; default --devices" },
	{ "wakes", "N", IS_NUMBER, AT(wakes), 0, SETTINGS_MAX_DEVICES, NULL,
	  "load: end after so many wakes; 0: when all are held" },
	{ "wake-command", "CMD", IS_CSTR, AT(wake_command), 0, 0, NULL,
	  "load: run by sh when all are held; its first line is time zero" },
};
enum { ROWS = countof(rows), OPTION_BASE = 256 };

static enum err wrong(struct buf *why, const struct option_row *row, const char *value)
{
	return fault(why, "--%s %s: not %s", row->name, value, row->takes);
}

static enum err put_number(struct settings *s, const struct option_row *row, const char *value, struct buf *why)
{
	uint64_t v;

	if (str_to_u64(str_of(value), row->max, &v) || v < row->min)
		return fault(why, "--%s %s: not a number from %u to %u", row->name, value, row->min, row->max);
	if (row->kind == IS_TRUNCATE) {
		s->sync.truncates = true;
		s->sync.truncate_bytes = (uint32_t)v;
	} else {
		*(uint32_t *)(void *)((char *)s + row->offset) = (uint32_t)v;
	}
	return ERR_OK;
}

static enum err put_word(void *at, const struct option_row *row, const char *value, struct buf *why)
{
	for (const struct word *w = row->words; w->word; w++) {
		if (strcmp(w->word, value) != 0)
			continue;
		if (row->kind == IS_WORD_BOOL)
			*(bool *)at = w->value;
		else
			*(unsigned *)at = w->value;
		return ERR_OK;
	}
	return wrong(why, row, value);
}
_Static_assert(sizeof(enum cut) == sizeof(unsigned) && sizeof(enum body_kind) == sizeof(unsigned), "put_word");

static enum err put_version(enum eas_version *at, const struct option_row *row, const char *value, struct buf *why)
{
	enum eas_version v;

	if (eas_version_parse(str_of(value), &v) || v < EAS_12_1)
		return wrong(why, row, value);
	*at = v;
	return ERR_OK;
}

static enum err put(struct settings *s, const struct option_row *row, char *value, struct buf *why)
{
	void *at = (char *)s + row->offset;

	switch (row->kind) {
	case IS_FLAG:
		*(bool *)at = true;
		return ERR_OK;
	case IS_CSTR:
		*(const char **)at = value;
		return ERR_OK;
	case IS_STR:
		*(struct str *)at = str_of(value);
		return ERR_OK;
	case IS_NUMBER:
	case IS_TRUNCATE:
		return put_number(s, row, value, why);
	case IS_WORD:
	case IS_WORD_BOOL:
		return put_word(at, row, value, why);
	case IS_URL:
		return url_parse(str_of(value), at) ? wrong(why, row, value) : ERR_OK;
	case IS_VERSION:
		return put_version(at, row, value, why);
	}
	return ERR_INVALID;
}

static bool is_device_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (ascii_lower(s.p[i]) >= 'a' && ascii_lower(s.p[i]) <= 'z')))
			return false;
	return s.n > 0 && s.n <= REQUEST_MAX_FIELD;
}

/* `status`, `list` and --help need no server. */
static enum err check(const struct settings *s, struct buf *why)
{
	bool local = !strcmp(s->command, "status") || !strcmp(s->command, "list");

	if (local)
		return ERR_OK;
	if (!s->identity.url.host.p)
		return fault(why, "--url is missing");
	if (!s->identity.user.n && !s->users)
		return fault(why, "--user is missing");
	if (!s->identity.password.p && !s->password_file)
		return fault(why, "--password-file is missing");
	if (!is_device_word(s->identity.device_id) || !is_device_word(s->identity.device_type))
		return fault(why, "--device-id and --device-type are letters and digits, at most %d",
			     REQUEST_MAX_FIELD);
	return ERR_OK;
}

enum err settings_parse(struct settings *s, int argc, char **argv, struct buf *why)
{
	struct option longs[ROWS + 1] = { 0 };
	int c;

	*s = (struct settings){
		.identity = { .device_id = S("ROOSTPHONE1"), .device_type = S("RoostPhone"), .version = EAS_16_1 },
		.store = "phone",
		.cut_at = 1,
		.timeout_s = SETTINGS_DEFAULT_TIMEOUT_S,
		.heartbeat_s = SETTINGS_DEFAULT_HEARTBEAT_S,
		.devices = 1,
		.sync = { .body = BODY_MIME, .window = SETTINGS_DEFAULT_WINDOW }
	};
	for (int i = 0; i < ROWS; i++)
		longs[i] = (struct option){ rows[i].name, rows[i].kind == IS_FLAG ? no_argument : required_argument,
					    NULL, OPTION_BASE + i };
	opterr = 0;
	optind = 0; /* glibc: begin anew, so that a test may call this again */
	while ((c = getopt_long(argc, argv, ":v", longs, NULL)) != -1) {
		if (c == 'v')
			s->verbose = true;
		else if (c >= OPTION_BASE)
			TRY(put(s, &rows[c - OPTION_BASE], optarg, why));
		else
			return fault(why, "%s: %s", argv[optind - 1],
				     c == ':' ? "its value is missing" : "no such option");
	}
	if (optind == argc)
		return fault(why, "which command?");
	s->command = argv[optind];
	s->args = argv + optind + 1;
	s->args_n = argc - optind - 1;
	return check(s, why);
}

enum err settings_read_password(struct settings *s, struct buf *room, struct buf *why)
{
	if (!s->password_file)
		return ERR_OK;
	TRY(files_read(AT_FDCWD, s->password_file, room, why));
	s->identity.password = str_slice(buf_view(room), 0, str_index(buf_view(room), '\n'));
	return s->identity.password.n ? ERR_OK : fault_err(why, ERR_INVALID, "%s holds no password", s->password_file);
}

void settings_put_help(struct buf *out)
{
	for (int i = 0; i < ROWS; i++)
		buf_fmt(out, "  --%s%s%s\n        %s\n", rows[i].name, rows[i].takes ? " " : "",
			rows[i].takes ? rows[i].takes : "", rows[i].help);
}
