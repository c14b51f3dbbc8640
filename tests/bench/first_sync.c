/* First Syncs. */
#include <tests/bench/first_sync.h>

#include <base/mem.h>

#include <stdio.h>
#include <stdlib.h>

enum { SAMPLE_WINDOWS = 20 };

struct windows {
	int64_t *cpu_ns;
	size_t n, room;
	size_t items, bytes;
};

static double mean_ms(const int64_t *ns, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ns[i];
	return n ? (double)sum / 1e6 / (double)n : 0;
}

static void windows_add(struct windows *w, int64_t cpu_ns, const struct sync_page *page)
{
	if (w->n == w->room) {
		w->room = w->room ? w->room * 2 : 256;
		w->cpu_ns = mem_resize(w->cpu_ns, w->room * sizeof(*w->cpu_ns));
	}
	w->cpu_ns[w->n++] = cpu_ns;
	w->items += page->adds;
	w->bytes += page->bytes;
}

static struct windows sync_all(const struct daemon *d, struct sync_client *c)
{
	struct windows w = { 0 };
	struct sync_page page;

	do {
		int64_t before = daemon_cpu_ns(d);

		page = sync_client_ask(c);
		windows_add(&w, daemon_cpu_ns(d) - before, &page);
	} while (page.more);
	return w;
}

size_t first_sync(const struct daemon *d, struct sync_client *c)
{
	struct windows w = sync_all(d, c);

	free(w.cpu_ns);
	return w.items;
}

void first_sync_print(const struct daemon *d, struct sync_client *c, const char *what, const char *how)
{
	struct windows w = sync_all(d, c);
	/* The last window is what is left over: it is in no mean. */
	size_t full = w.n - 1, sample = full < 2 * SAMPLE_WINDOWS ? full / 2 : SAMPLE_WINDOWS;
	double all_ms = mean_ms(w.cpu_ns, w.n) * (double)w.n;
	double first = mean_ms(w.cpu_ns, sample), last = mean_ms(w.cpu_ns + full - sample, sample);

	printf("first sync, %s: %s=%zu windows=%zu MiB=%.1f cpu_s=%.2f %s/s/core=%.0f\n", how, what, w.items, w.n,
	       (double)w.bytes / (1 << 20), all_ms / 1e3, what, (double)w.items / all_ms * 1e3);
	printf("  cpu_ms a window: first %zu=%.2f last %zu=%.2f ratio=%.2f  peak_rss_MiB=%.1f\n", sample, first, sample,
	       last, last / first, (double)daemon_peak_rss(d) / (1 << 20));
	free(w.cpu_ns);
}
