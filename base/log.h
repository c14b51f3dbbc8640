/*
 * Logging: one line an event, logfmt (key=value) on stderr, with a "<N>" priority prefix under journald. Never waits
 * for the reader of stderr: a line for which there is no room is lost, and the next one that finds room is preceded
 * by event=log_lost with their number. Never logs credentials or message text. Only the layer that knows the request
 * logs; below it errors are returned. Any thread.
 *
 * A program that is to outlive the reader of its stderr ignores SIGPIPE.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <base/str.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * First thing in main(): gives the standard descriptors that are closed to /dev/null, so that no other file gets their
 * numbers and with it our lines; finds out whether stderr is the journal. ERR_IO: there is no /dev/null.
 */
enum err log_start(void) MUST_CHECK;

void log_set_level(enum log_level level); /* default: info */
bool log_wanted(enum log_level level);

/*
 * event: a short name without blanks ("request", "listen"). fmt gives the fields, already key=value; values that may
 * hold blanks, quotes or bytes of a peer go through log_quote(). Beyond 4 KB a line is cut with "...".
 */
void log_event(enum log_level level, const char *event, const char *fmt, ...) PRINTF_LIKE(3, 4);

#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_event(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_event(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__)

enum { LOG_QUOTE_MAX = 256 };
struct log_quoted {
	char text[LOG_QUOTE_MAX];
};
/*
 * s as a logfmt value: bare where it is plain ASCII without blanks, else quoted; quotes, backslashes, controls and what
 * is not UTF-8 are escaped; cut with "..." where it would not fit. By value, so it can stand in the argument list: log_quote(user).text
 */
struct log_quoted log_quote(struct str s);

#endif
