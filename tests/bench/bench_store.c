/*
 * Transactions a second at synchronous=FULL: threads that write a body of 20 KB each, on one mailbox or on one each.
 * Usage: bench_store FOLDER [SECONDS]. The folder decides which disk is measured; it is filled and left to the caller.
 */
#include <base/buf.h>
#include <base/mem.h>
#include <store/blob.h>
#include <store/mailbox.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BODY_BYTES = 20 * 1024, THREADS_MAX = 8, SECONDS_DEFAULT = 2, SAMPLES_MAX = 1 << 20 };

struct load {
	pthread_t thread;
	struct store *store;
	int64_t mailbox, number;
	int64_t until_us;
	uint64_t done;
	int64_t *took_us;
	enum err failed;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static enum err deliver(struct load *l, char *body)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	uint64_t unique[2] = { (uint64_t)l->number, l->done }, change;
	int64_t blob;

	memcpy(body, unique, sizeof(unique));
	TRY(store_blob_writer_new(l->store, l->mailbox, &w));
	TRY(store_blob_write(w, str_from(body, BODY_BYTES)));
	TRY(store_blob_finish(w));
	TRY(store_begin(l->store, l->mailbox, STORE_WRITE, &tx));
	TRY(store_change_number(tx, &change));
	TRY(store_blob_attach(tx, w, &blob));
	TRY(store_blob_ref(tx, blob));
	store_touched(tx, 1, STORE_NOBODY);
	return store_commit(&tx);
}

static void *run(void *arg)
{
	struct load *l = arg;
	char *body = mem_alloc(BODY_BYTES);

	while (!l->failed && l->done < SAMPLES_MAX) {
		int64_t begun = now_us();

		if (begun >= l->until_us)
			break;
		l->failed = deliver(l, body);
		l->took_us[l->done++] = now_us() - begun;
	}
	free(body);
	return NULL;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t gather(struct load *loads, size_t n, int64_t *all)
{
	uint64_t done = 0;

	for (size_t i = 0; i < n; i++) {
		pthread_join(loads[i].thread, NULL);
		if (loads[i].failed)
			fprintf(stderr, "writer %zu: %s\n", i, err_text(loads[i].failed));
		memcpy(all + done, loads[i].took_us, loads[i].done * sizeof(*all));
		done += loads[i].done;
		free(loads[i].took_us);
	}
	qsort(all, done, sizeof(*all), by_time);
	return done;
}

static void measure(struct store *s, size_t threads, size_t mailboxes, int64_t seconds)
{
	struct load loads[THREADS_MAX] = { 0 };
	uint64_t flushes = store_flushes(s);
	int64_t begun = now_us();

	for (size_t i = 0; i < threads; i++) {
		loads[i] = (struct load){ .store = s,
					  .mailbox = (int64_t)(i % mailboxes) + 1,
					  .number = begun + (int64_t)i,
					  .until_us = begun + seconds * 1000000 };
		loads[i].took_us = mem_array(SAMPLES_MAX, sizeof(*loads[i].took_us));
		pthread_create(&loads[i].thread, NULL, run, &loads[i]);
	}
	int64_t *all = mem_array(THREADS_MAX * (size_t)SAMPLES_MAX, sizeof(*all));
	uint64_t done = gather(loads, threads, all);
	double took_s = (double)(now_us() - begun) / 1e6;
	flushes = store_flushes(s) - flushes;
	printf("threads=%zu mailboxes=%zu tx/s=%.0f flushes/s=%.0f tx/flush=%.2f p50_ms=%.2f p99_ms=%.2f max_ms=%.2f\n",
	       threads, mailboxes, (double)done / took_s, (double)flushes / took_s, (double)done / (double)flushes,
	       (double)all[done / 2] / 1e3, (double)all[done * 99 / 100] / 1e3, (double)all[done - 1] / 1e3);
	free(all);
}

int main(int argc, char **argv)
{
	static const struct {
		size_t threads, mailboxes;
	} cases[] = { { 1, 1 }, { 8, 1 }, { 8, 8 } };
	uint64_t seconds = SECONDS_DEFAULT;
	struct store *s;

	if (argc < 2 || (argc > 2 && str_to_u64(str_of(argv[2]), 3600, &seconds) != ERR_OK)) {
		fprintf(stderr, "usage: bench_store FOLDER [SECONDS]\n");
		return 2;
	}
	struct store_config config = { .state_dir = argv[1], .clock = clock_real(), .max_handles = 64 };
	enum err e = store_open(&config, &s);
	for (int64_t m = 1; !e && m <= THREADS_MAX; m++)
		e = store_mailbox_create(s, m);
	if (e) {
		fprintf(stderr, "%s: %s\n", argv[1], err_text(e));
		return 1;
	}
	for (size_t i = 0; i < countof(cases); i++)
		measure(s, cases[i].threads, cases[i].mailboxes, (int64_t)seconds);
	store_close(&s);
	return 0;
}
