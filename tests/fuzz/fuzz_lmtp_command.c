/*
 * LMTP command lines: what is parsed lies inside the line and stays the same with its path in another line; an address
 * without its quotes has one '@' more than its local part, and is its own address.
 */
#include <gateway/lmtp/command.h>
#include <gateway/lmtp/limits.h>
#include <gateway/lmtp/path.h>

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
	struct buf line = BUF_INIT(LMTP_MAX_LINE);
	struct lmtp_command again;

	check(path.n <= LMTP_MAX_PATH);
	buf_fmt(&line, "MAIL FROM:<");
	buf_str(&line, path);
	buf_fmt(&line, "> SIZE=7");
	check(lmtp_parse(buf_view(&line), &again) == ERR_OK);
	check(again.size == 7 && str_eq(again.path, path));
	buf_release(&line);
}

static void check_address(struct str path)
{
	struct buf once = BUF_INIT(LMTP_MAX_PATH), twice = BUF_INIT(LMTP_MAX_PATH);

	if (lmtp_path_address(path, &once) == ERR_OK) {
		size_t at = str_index(buf_view(&once), '@');

		check(at < once.n && str_index(str_slice(buf_view(&once), at + 1, once.n), '@') == once.n - at - 1);
		if (once.p[0] != '"') {
			check(lmtp_path_address(buf_view(&once), &twice) == ERR_OK);
			check(str_eq(buf_view(&once), buf_view(&twice)));
		}
	}
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = str_from(data, size);
	struct lmtp_command c;

	if (size > LMTP_MAX_LINE || lmtp_parse(line, &c))
		return 0;
	check_inside(c.name, line);
	check_inside(c.path, line);
	check(c.name.n <= LMTP_MAX_NAME);
	if (c.verb == LMTP_MAIL || c.verb == LMTP_RCPT) {
		check(c.verb == LMTP_MAIL || c.path.n > 0);
		if (!str_starts(c.path, S("@"))) /* which would be a route */
			check_path(c.path);
		check_address(c.path);
	}
	return 0;
}
