/* The line before the KDF. */
#include <gateway/auth/kdf_line.h>

#include <gateway/auth/auth.h>

void kdf_line_init(struct kdf_line *l)
{
	*l = (struct kdf_line){ .running = 0 };
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->left, NULL);
}

void kdf_line_release(struct kdf_line *l)
{
	pthread_cond_destroy(&l->left);
	pthread_mutex_destroy(&l->lock);
}

bool kdf_line_enter(struct kdf_line *l)
{
	bool taken;

	pthread_mutex_lock(&l->lock);
	taken = l->running < AUTH_MAX_CONCURRENT_KDF || l->waiting < AUTH_MAX_WAITING_KDF;
	l->waiting += taken;
	while (taken && l->running == AUTH_MAX_CONCURRENT_KDF)
		pthread_cond_wait(&l->left, &l->lock);
	l->waiting -= taken;
	l->running += taken;
	pthread_mutex_unlock(&l->lock);
	return taken;
}

void kdf_line_leave(struct kdf_line *l)
{
	pthread_mutex_lock(&l->lock);
	l->running--;
	pthread_cond_signal(&l->left);
	pthread_mutex_unlock(&l->lock);
}

unsigned kdf_line_waiting(struct kdf_line *l)
{
	unsigned n;

	pthread_mutex_lock(&l->lock);
	n = l->waiting;
	pthread_mutex_unlock(&l->lock);
	return n;
}
