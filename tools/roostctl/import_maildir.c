/* A Maildir, and with it the folders of a Maildir++: ".Sent", ".Projects.2026". */
#include <tools/roostctl/import.h>

#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/import_batch.h>
#include <tools/roostctl/maildir.h>
#include <tools/roostctl/name_window.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path, const char *name)
{
	struct buf child = BUF_INIT(PATH_MAX);
	struct stat st;
	bool is;

	buf_fmt(&child, "%s/%s", path, name);
	buf_char(&child, '\0');
	is = buf_status(&child) == ERR_OK && stat(child.p, &st) == 0 && S_ISDIR(st.st_mode);
	buf_release(&child);
	return is;
}

bool import_is_maildir(const char *path)
{
	return is_folder(path, "cur") && is_folder(path, "new");
}

/*
 * When it came: what the name says or the file's time, whichever is earlier, for both can only be too late: a migration
 * gives new names, a copy new times.
 */
static int64_t received_ms(const struct maildir_name *name, const struct stat *st)
{
	int64_t file_ms = (int64_t)st->st_mtim.tv_sec * 1000;

	return name->time_ms && name->time_ms < file_ms ? name->time_ms : file_ms;
}

static void import_mail_file(struct import *im, const char *path, const char *name, int64_t folder)
{
	struct maildir_name parsed = maildir_name_parse(str_of(name));
	struct import_mail mail = { .folder = folder, .flags = parsed.flags };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		import_bad(im, path, "%s", strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		import_bad(im, path, "not a file");
	} else if (st.st_size == 0) {
		import_bad(im, path, "the file is empty");
	} else {
		mail.received_ms = received_ms(&parsed, &st);
		import_message(im, path, fd, STR_EMPTY, &mail);
	}
	if (fd >= 0)
		close(fd);
}

static void mail_entry(struct import *im, const char *path, const char *name, int64_t folder)
{
	if (name[0] == '.')
		return;
	import_mail_file(im, path, name, folder);
	progress_mail(&im->progress, im->progress.done + 1);
}

static void import_mails(struct import *im, const char *path, int64_t folder)
{
	static const char *const parts[] = { "cur", "new" };

	for (size_t i = 0; i < countof(parts); i++) {
		struct buf part = BUF_INIT(PATH_MAX);

		buf_fmt(&part, "%s/%s", path, parts[i]);
		buf_char(&part, '\0');
		if (buf_status(&part)) {
			import_bad(im, path, "the path below it is too long");
		} else {
			progress_source(&im->progress, path, name_count(part.p));
			import_each(im, part.p, folder, mail_entry);
		}
		buf_release(&part);
	}
}

/* ".A.B" is B in A; a tree that hangs from the Inbox hangs from the top, unless --folder says where. */
static int64_t folder_of(struct import *im, const char *path, const char *name, int64_t root)
{
	struct buf level = BUF_INIT(NAME_MAX * 4);
	struct str rest = str_of(name + 1), part;
	int64_t folder = im->below ? root : FOLDER_ROOT;

	while (str_cut(&rest, '.', &part)) {
		buf_clear(&level);
		maildir_folder_decode(&level, part);
		folder = import_folder(im, folder, buf_view(&level), path);
		if (!folder)
			break;
	}
	buf_release(&level);
	return folder;
}

static void folder_entry(struct import *im, const char *path, const char *name, int64_t root)
{
	int64_t folder;

	if (name[0] != '.' || !is_folder(path, "cur"))
		return;
	folder = folder_of(im, path, name, root);
	if (folder)
		import_mails(im, path, folder);
}

void import_maildir(struct import *im, const char *path, int64_t folder)
{
	import_mails(im, path, folder);
	import_each(im, path, folder, folder_entry);
}
