/* One file: told apart by its first bytes, read in pieces. */
#include <tools/roostctl/import.h>

#include <tools/roostctl/import_batch.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum file_kind { FILE_EMPTY, FILE_MBOX, FILE_MESSAGE, FILE_CALENDAR, FILE_CARDS, FILE_OTHER, FILE_UNKNOWN };

/* Its first line is a header field: printable ASCII and a colon (RFC 5322 section 2.2). */
static bool begins_with_field(struct str bytes)
{
	size_t n = 0;

	while (n < bytes.n && bytes.p[n] > ' ' && bytes.p[n] < 0x7f && bytes.p[n] != ':')
		n++;
	while (n < bytes.n && (bytes.p[n] == ' ' || bytes.p[n] == '\t')) /* obsolete: blanks before the colon */
		n++;
	return n > 0 && n < bytes.n && bytes.p[n] == ':';
}

static enum file_kind kind_of(struct str bytes)
{
	if (bytes.n == 0)
		return FILE_EMPTY;
	if (str_starts(bytes, S("From ")))
		return FILE_MBOX;
	if (str_starts(bytes, S("\xEF\xBB\xBF")))
		bytes = str_slice(bytes, 3, bytes.n);
	bytes = str_trim(bytes);
	if (str_istarts(bytes, S("BEGIN:VCALENDAR")) || str_istarts(bytes, S("BEGIN:VEVENT")))
		return FILE_CALENDAR;
	if (str_istarts(bytes, S("BEGIN:VCARD")))
		return FILE_CARDS;
	if (str_istarts(bytes, S("BEGIN:"))) /* no field of a mail's: something else in the form of a calendar */
		return FILE_OTHER;
	return begins_with_field(bytes) ? FILE_MESSAGE : FILE_UNKNOWN;
}

/* The store's error ends the run; the mail's own is told. */
static void mail_failed(struct import *im, const char *path, enum err e)
{
	batch_drop(im->batch);
	if (e == ERR_LIMIT)
		import_bad(im, path, "larger than %llu bytes", (unsigned long long)IMPORT_MESSAGE_MAX);
	else if (e)
		im->failed = e;
}

void import_message(struct import *im, const char *path, int fd, struct str first, const struct import_mail *mail)
{
	char chunk[IMPORT_CHUNK];
	enum err e = batch_begin(im->batch);
	ssize_t n = 0;

	if (!e)
		e = batch_put(im->batch, first);
	while (!e && (n = import_read(im, path, fd, chunk)) > 0)
		e = batch_put(im->batch, str_from(chunk, (size_t)n));
	if (n < 0) {
		batch_drop(im->batch);
		return;
	}
	if (!e)
		e = batch_end(im->batch, mail);
	if (e)
		mail_failed(im, path, e);
}

static void import_open_file(struct import *im, const char *path, int fd, const struct stat *st, int64_t folder)
{
	struct import_mail mail = { .otherwise_ms = (int64_t)st->st_mtim.tv_sec * 1000 };
	char chunk[IMPORT_CHUNK];
	ssize_t n = import_read(im, path, fd, chunk);
	struct str first = str_from(chunk, n > 0 ? (size_t)n : 0);
	enum file_kind kind = kind_of(first);

	if (n < 0)
		return;
	if (kind == FILE_MBOX || kind == FILE_MESSAGE) {
		mail.folder = import_root(im, folder);
		if (!mail.folder)
			return;
	}
	switch (kind) {
	case FILE_EMPTY:
		import_bad(im, path, "the file is empty");
		break;
	case FILE_MBOX:
		progress_source(&im->progress, path, (uint64_t)st->st_size);
		import_mbox(im, path, fd, first, mail.folder);
		break;
	case FILE_MESSAGE:
		import_message(im, path, fd, first, &mail);
		progress_mail(&im->progress, im->progress.done + 1);
		break;
	case FILE_CALENDAR:
		import_calendar(im, path, fd, first);
		break;
	case FILE_CARDS:
		import_cards(im, path, fd, first);
		break;
	case FILE_OTHER:
		import_bad(im, path, "neither mail nor a calendar nor contacts");
		break;
	case FILE_UNKNOWN:
		import_bad(im, path, "neither an mbox nor a message: it begins with no header field");
		break;
	}
}

void import_file(struct import *im, const char *path, int64_t folder)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not make us wait */
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		import_bad(im, path, "%s", strerror(errno));
	else if (!S_ISREG(st.st_mode))
		import_bad(im, path, "not a file");
	else
		import_open_file(im, path, fd, &st, folder);
	if (fd >= 0)
		close(fd);
}
