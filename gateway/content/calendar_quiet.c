#include <gateway/content/calendar_quiet.h>

#include <base/str.h>

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* "./src/libical/icalparser.c:786: Encountered END before BEGIN" (icalerror_warn of icalerror.h) */
static bool is_libicals(struct str text)
{
	const size_t file = str_find(text, S("libical/ical")), message = str_find(text, S(": "));

	return file < message;
}

/* One printf() is one call. */
static ssize_t write_text(void *unused, const char *p, size_t n)
{
	ssize_t done = 0;

	(void)unused;
	if (is_libicals(str_from(p, n)))
		return (ssize_t)n;
	while ((size_t)done < n) {
		ssize_t more = write(STDERR_FILENO, p + done, n - (size_t)done);

		if (more < 0 && errno == EINTR)
			continue;
		if (more <= 0)
			return done;
		done += more;
	}
	return done;
}

void cal_quiet_library(void)
{
	FILE *quiet = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = write_text });

	if (!quiet)
		return;
	setvbuf(quiet, NULL, _IONBF, 0);
	stderr = quiet;
}
