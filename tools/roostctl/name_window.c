#include <tools/roostctl/name_window.h>

#include <base/mem.h>

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Keeps the first NAME_WINDOW in order. */
static void cut(struct name_window *w)
{
	qsort(w->names, w->n, sizeof(*w->names), compare);
	while (w->n > NAME_WINDOW)
		free(w->names[--w->n]);
}

static void begin(struct name_window *w)
{
	if (!w->names)
		w->names = mem_array((size_t)2 * NAME_WINDOW, sizeof(*w->names));
	if (w->n == 0)
		return;
	free(w->last);
	w->last = w->names[--w->n];
	while (w->n > 0)
		free(w->names[--w->n]);
}

enum err name_window_next(struct name_window *w, const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int why;

	if (!dir)
		return ERR_IO;
	begin(w);
	while (errno = 0, (entry = readdir(dir))) {
		if (is_dot(entry->d_name) || (w->last && strcmp(entry->d_name, w->last) <= 0))
			continue;
		w->names[w->n++] = mem_cstr(entry->d_name);
		if (w->n == (size_t)2 * NAME_WINDOW)
			cut(w);
	}
	why = errno;
	closedir(dir);
	cut(w);
	errno = why;
	return why ? ERR_IO : ERR_OK;
}

void name_window_release(struct name_window *w)
{
	while (w->n > 0)
		free(w->names[--w->n]);
	free(w->names);
	free(w->last);
	*w = (struct name_window){ 0 };
}

uint64_t name_count(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	uint64_t n = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir)))
		n += !is_dot(entry->d_name);
	closedir(dir);
	return n;
}
