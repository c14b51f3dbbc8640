#include <tools/roostctl/progress.h>

#include <base/clock.h>

#include <stdio.h>
#include <unistd.h>

enum { DRAW_EVERY_MS = 100, BAR_WIDTH = 30, WHAT_WIDTH = 30, MS_PER_S = 1000 };

void progress_init(struct progress *p)
{
	*p = (struct progress){ .wanted = isatty(STDERR_FILENO), .began_ms = clock_mono_ms(clock_real()) };
}

int64_t progress_elapsed_ms(const struct progress *p)
{
	return clock_mono_ms(clock_real()) - p->began_ms;
}

void progress_source(struct progress *p, const char *what, uint64_t total)
{
	p->what = what;
	p->done = 0;
	p->total = total;
}

static void draw(struct progress *p)
{
	static const char bar[] = "##############################"; /* BAR_WIDTH */
	uint64_t done = p->total && p->done < p->total ? p->done : p->total;
	int filled = p->total ? (int)(done * BAR_WIDTH / p->total) : 0;
	int64_t ms = progress_elapsed_ms(p);

	fprintf(stderr, "\r\033[K[%-*.*s] %llu mails, %llu/s  %.*s", BAR_WIDTH, filled, bar,
		(unsigned long long)p->mails, (unsigned long long)(p->mails * MS_PER_S / (uint64_t)(ms > 0 ? ms : 1)),
		WHAT_WIDTH, p->what);
	p->drawn = true;
}

void progress_mail(struct progress *p, uint64_t done)
{
	int64_t now;

	p->mails++;
	p->done = done;
	if (!p->wanted)
		return;
	now = clock_mono_ms(clock_real());
	if (now - p->drawn_ms < DRAW_EVERY_MS)
		return;
	p->drawn_ms = now;
	draw(p);
}

void progress_clear(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stderr);
	p->drawn = false;
}
