/*
 * libical writes to stderr what it does not like in a calendar, with lines of the calendar's in it, by macros that were compiled
 * into it: no handler or error state of its own takes that back. So that strangers do not write there through it:
 */
#ifndef CONTENT_CALENDAR_QUIET_H
#define CONTENT_CALENDAR_QUIET_H

/*
 * Once, at the start of a program, before its threads. From then on `stderr` is a stream without a buffer that leaves out what
 * names a source file of libical's; all else goes on to descriptor 2, which stays as it is: logs are written there, and so are
 * what an assertion and a sanitizer say.
 *
 * This holds with glibc, where `stderr` is a variable, and a stream has a lock of its own: lines of two threads are not mixed. Without a
 * buffer nothing is there twice after a fork, and nothing is lost by abort(). What is longer than BUFSIZ comes in pieces, of which
 * the first alone would be left out; libical cuts what it quotes at 1 KB. An assertion's text begins with the program's name, and so
 * is none of what is left out, in libical's own files too.
 */
void cal_quiet_library(void);

#endif
