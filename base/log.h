/*
 * Logging: one line an event, logfmt (key=value) on stderr, with a "<N>" priority prefix under journald. Never blocks
 * for long and never logs credentials or message text. Only the layer that knows the request logs; below it errors
 * are returned. Any thread.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <base/str.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

void log_set_level(enum log_level level); /* default: info */
bool log_wanted(enum log_level level);

/*
 * event: a short name without blanks ("request", "listen"). fmt gives the fields, already key=value; values that may
 * hold blanks, quotes or bytes of a peer go through log_quote().
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
 * s as a logfmt value: bare where it is plain ASCII without blanks, else quoted with C escapes; cut with "..." where
 * it would not fit. By value, so it can stand in the argument list: log_quote(user).text
 */
struct log_quoted log_quote(struct str s);

#endif
