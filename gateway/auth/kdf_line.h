/*
 * Who may run a KDF: it takes megabytes while it runs, so a few do at a time, and a few more wait in line. The rest is refused, so
 * that somebody who tries passwords never has every worker, and phones that are known go on. Any thread.
 */
#ifndef GATEWAY_AUTH_KDF_LINE_H
#define GATEWAY_AUTH_KDF_LINE_H

#include <pthread.h>
#include <stdbool.h>

struct kdf_line {
	pthread_mutex_t lock;
	pthread_cond_t left;
	unsigned running, waiting;
};

void kdf_line_init(struct kdf_line *l);
void kdf_line_release(struct kdf_line *l);
/* Waits where AUTH_MAX_CONCURRENT_KDF run. False: AUTH_MAX_WAITING_KDF wait for one already. */
bool kdf_line_enter(struct kdf_line *l);
void kdf_line_leave(struct kdf_line *l);
unsigned kdf_line_waiting(struct kdf_line *l);

#endif
