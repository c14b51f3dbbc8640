/*
 * Command lines of LMTP and submission: what is parsed lies inside the line and stays the same with its path in another line; an address
 * without its quotes has one '@' more than its local part, and is its own address.
 */
#include <gateway/smtp/command.h>
#include <gateway/smtp/limits.h>
#include <gateway/smtp/path.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_inside(struct str part, struct str line)
{
	check(part.n == 0 || (part.p >= line.p && part.p + part.n <= line.p + line.n));
}

static void check_path(struct str path)
{
	struct buf line = BUF_INIT(SMTP_MAX_LINE);
	struct smtp_command again;

	check(path.n <= SMTP_MAX_PATH);
	buf_fmt(&line, "MAIL FROM:<");
	buf_str(&line, path);
	buf_fmt(&line, "> SIZE=7");
	check(smtp_parse(buf_view(&line), SMTP_LMTP, &again) == ERR_OK);
	check(again.size == 7 && str_eq(again.path, path));
	buf_release(&line);
}

static void check_address(struct str path)
{
	struct buf once = BUF_INIT(SMTP_MAX_PATH), twice = BUF_INIT(SMTP_MAX_PATH);

	if (smtp_path_address(path, &once) == ERR_OK) {
		size_t at = str_index(buf_view(&once), '@');

		check(at < once.n && str_index(str_slice(buf_view(&once), at + 1, once.n), '@') == once.n - at - 1);
		if (once.p[0] != '"') {
			check(smtp_path_address(buf_view(&once), &twice) == ERR_OK);
			check(str_eq(buf_view(&once), buf_view(&twice)));
		}
	}
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = str_from(data, size);
	struct smtp_command c;

	if (size > SMTP_MAX_LINE || smtp_parse(line, SMTP_LMTP | SMTP_SUBMISSION, &c))
		return 0;
	check_inside(c.name, line);
	check_inside(c.path, line);
	check_inside(c.envid, line);
	check_inside(c.orcpt, line);
	check_inside(c.initial, line);
	check(c.envid.n <= SMTP_MAX_ENVID && c.orcpt.n <= SMTP_MAX_ORCPT);
	check(c.name.n <= SMTP_MAX_NAME);
	if (c.verb == SMTP_MAIL || c.verb == SMTP_RCPT) {
		check(c.verb == SMTP_MAIL || c.path.n > 0);
		if (!str_starts(c.path, S("@"))) /* which would be a route */
			check_path(c.path);
		check_address(c.path);
	}
	return 0;
}
