/* Paths and folders of files: what there is in them. */
#include <tools/roostctl/import.h>

#include <tools/roostctl/name_window.h>

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

void import_each(struct import *im, const char *path, int64_t folder, import_entry *f)
{
	struct buf child = BUF_INIT(PATH_MAX);
	struct name_window w = { 0 };
	enum err e;

	while (import_goes_on(im)) {
		e = name_window_next(&w, path);
		if (e)
			import_bad(im, path, "%s", strerror(errno));
		if (e || w.n == 0)
			break;
		for (size_t i = 0; i < w.n && import_goes_on(im); i++) {
			buf_clear(&child);
			buf_fmt(&child, "%s/%s", path, w.names[i]);
			buf_char(&child, '\0');
			if (buf_status(&child))
				import_bad(im, path, "the path below it is too long");
			else
				f(im, child.p, w.names[i], folder);
		}
	}
	buf_release(&child);
	name_window_release(&w);
}

static void walk(struct import *im, const char *path, int64_t folder);

/* One entry of a walked folder. Hidden ones are no mail; folders behind symbolic links could go round in circles. */
static void walk_entry(struct import *im, const char *path, const char *name, int64_t folder)
{
	struct stat st;

	if (name[0] == '.')
		return;
	if (lstat(path, &st))
		import_bad(im, path, "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		walk(im, path, folder);
	else
		import_file(im, path, folder);
}

static void walk(struct import *im, const char *path, int64_t folder)
{
	if (im->depth == IMPORT_DEPTH_MAX) {
		import_bad(im, path, "more than %d folders deep", IMPORT_DEPTH_MAX);
		return;
	}
	im->depth++;
	if (import_is_maildir(path)) {
		folder = import_root(im, folder);
		if (folder)
			import_maildir(im, path, folder);
	} else {
		progress_source(&im->progress, path, name_count(path));
		import_each(im, path, folder, walk_entry);
	}
	im->depth--;
}

void import_path(struct import *im, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		import_bad(im, path, "%s", strerror(errno));
	else if (S_ISDIR(st.st_mode))
		walk(im, path, IMPORT_ROOT);
	else
		import_file(im, path, IMPORT_ROOT);
}
