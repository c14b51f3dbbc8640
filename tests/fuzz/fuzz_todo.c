/* A task or note that is read, and set to what it is, stays octet by octet; set in a new one, it is read there again. */
#include <gateway/content/todo.h>

#include <stdlib.h>

enum { ARENA_BYTES = 64 * 1024 * 1024, NOW_MS = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct todo_edit all_of(const struct todo *t)
{
	struct todo_edit edit = {
		.has_categories = true, .has_completed = true, .has_importance = true, .has_sensitivity = true, .to = *t
	};

	for (size_t i = 0; i < TODO_TEXT_MAX_; i++)
		edit.has_text[i] = true;
	for (size_t i = 0; i < TODO_TIME_MAX_; i++)
		edit.has_time[i] = i != TODO_MODIFIED && i != TODO_RECURRENCE;
	return edit;
}

static void check(struct str in, enum todo_kind kind)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(buf_release) struct buf same = BUF_INIT(SIZE_MAX), made = BUF_INIT(SIZE_MAX);
	struct todo t, again;
	struct todo_edit edit;

	if (todo_read(&a, in, kind, &t) != ERR_OK)
		return;
	edit = all_of(&t);
	if (todo_write(&a, in, kind, &edit, NOW_MS, 1, &same) != ERR_OK)
		return;
	if (!str_eq(buf_view(&same), in))
		abort();
	if (todo_write(&a, STR_EMPTY, kind, &edit, NOW_MS, 1, &made) != ERR_OK)
		return;
	if (todo_read(&a, buf_view(&made), kind, &again) != ERR_OK || again.completed != t.completed ||
	    again.importance != t.importance || again.sensitivity != t.sensitivity)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(str_from(data, size), TODO_TASK);
	check(str_from(data, size), TODO_NOTE);
	return 0;
}
