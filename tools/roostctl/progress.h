/* A bar on stderr, where that is a terminal: how far the present source is, and mails per second. */
#ifndef ROOSTCTL_PROGRESS_H
#define ROOSTCTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* A value. */
struct progress {
	bool wanted, drawn;
	int64_t began_ms, drawn_ms;
	const char *what;     /* the source */
	uint64_t done, total; /* of the source, in its own unit; total 0: not known */
	uint64_t mails;
};

void progress_init(struct progress *p);
void progress_source(struct progress *p, const char *what, uint64_t total);
/* One more mail; `done` of the source's total. */
void progress_mail(struct progress *p, uint64_t done);
/* Takes the bar away, so that something can be said. */
void progress_clear(struct progress *p);
int64_t progress_elapsed_ms(const struct progress *p);

#endif
