#include <gateway/activesync/device_activity.h>

#include <base/mem.h>
#include <base/table.h>
#include <store/device.h>

#include <pthread.h>
#include <stdlib.h>

enum { PING_CHANGES = 2 };

/* Names are those of the command table, which live as long as the program. */
struct activity {
	struct device_activity now;
	bool urgent, has_synced;
	bool shows_key;     /* its last command that carries one did */
	bool written;       /* once, by this process */
	int64_t written_ms; /* monotonic */
	unsigned written_error;
};

struct eas_activities {
	pthread_mutex_t lock;
	struct table *of; /* device -> struct activity */
};

struct eas_activities *eas_activities_new(void)
{
	struct eas_activities *a = mem_alloc(sizeof(*a));

	pthread_mutex_init(&a->lock, NULL);
	a->of = table_new();
	return a;
}

/* Forgetting costs a write each, when they come again. */
static void forget_all(struct eas_activities *a)
{
	size_t at = 0;
	struct str key;
	void *one;

	while (table_next(a->of, &at, &key, &one))
		free(table_remove(a->of, key));
}

void eas_activities_free(struct eas_activities **ap)
{
	if (!*ap)
		return;
	forget_all(*ap);
	table_free(&(*ap)->of);
	pthread_mutex_destroy(&(*ap)->lock);
	free(*ap);
	*ap = NULL;
}

static struct activity *find(struct eas_activities *a, int64_t device)
{
	struct str key = str_from(&device, sizeof(device));
	struct activity *one = table_get(a->of, key);

	if (!one && table_count(a->of) >= EAS_ACTIVITIES_MAX)
		forget_all(a);
	if (!one) {
		one = mem_alloc(sizeof(*one));
		table_set(a->of, key, one);
	}
	return one;
}

static bool is_sync(const struct eas_request *rq)
{
	return rq->command->root == TAG_AIRSYNC_SYNC;
}

/* Status 2 of a Ping is what it waits for. */
static bool is_failure(const struct eas_request *rq, unsigned status)
{
	return status != EAS_STATUS_OK && !(rq->command->root == TAG_PING_PING && status == PING_CHANGES);
}

void eas_activity_note(struct eas_request *rq, unsigned status)
{
	struct eas_activities *a;
	struct activity *one;
	int64_t now_ms;

	if (rq->device.id == 0)
		return;
	a = rq->eas->activities;
	now_ms = clock_wall_ms(rq->eas->clock);
	pthread_mutex_lock(&a->lock);
	one = find(a, rq->device.id);
	one->now.last_command = str_of(rq->command->name);
	one->now.last_command_ms = now_ms;
	if (rq->command->root != TAG_PING_PING)
		one->shows_key = rq->has_policy_key;
	if (status == EAS_STATUS_OK && is_sync(rq) && rq->access == ACCESS_ALLOW) {
		one->now.last_sync_ms = now_ms;
		one->urgent |= !one->has_synced;
		one->has_synced = true;
	}
	if (is_failure(rq, status)) {
		one->now.error_command = str_of(rq->command->name);
		one->now.error_status = status;
		one->now.error_ms = now_ms;
		one->urgent |= one->written_error != status;
	}
	pthread_mutex_unlock(&a->lock);
}

bool eas_activity_shows_key(struct eas *eas, int64_t device)
{
	bool shows;

	pthread_mutex_lock(&eas->activities->lock);
	shows = find(eas->activities, device)->shows_key;
	pthread_mutex_unlock(&eas->activities->lock);
	return shows;
}

/* Is a write due? Then it counts as done, so that of several threads one does it. */
static bool take(struct eas *eas, int64_t device, struct activity *ret)
{
	int64_t now_ms = clock_mono_ms(eas->clock);
	struct activity *one;
	bool due;

	pthread_mutex_lock(&eas->activities->lock);
	one = find(eas->activities, device);
	due = one->urgent || !one->written || now_ms - one->written_ms >= (int64_t)EAS_ACTIVITY_S * 1000;
	if (due) {
		*ret = *one;
		one->urgent = false;
		one->written = true;
		one->written_ms = now_ms;
		one->written_error = one->now.error_status;
		one->now = (struct device_activity){ .error_status = one->now.error_status };
	}
	pthread_mutex_unlock(&eas->activities->lock);
	return due;
}

enum err eas_activity_flush(struct eas *eas, int64_t device)
{
	struct activity one;

	return take(eas, device, &one) ? device_set_activity(eas->store, device, &one.now) : ERR_OK;
}
