/*
 * IMAP commands: what the reader makes of bytes is the same however they are cut, and no argument of a command can make
 * its parser read outside of the command, or resolve a set that is out of order.
 */
#include <gateway/imap/commands.h>
#include <gateway/imap/fetch.h>
#include <gateway/imap/flags.h>
#include <gateway/imap/search.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Whole commands one behind the other, with what was met between. */
static void read_all(struct str bytes, size_t piece, struct buf *ret)
{
	struct imap_reader r;

	imap_reader_init(&r, 4096);
	while (bytes.n) {
		struct str part = str_slice(bytes, 0, piece), rest = part;
		enum imap_read got = imap_reader_feed(&r, &rest);

		check(rest.n <= part.n);
		bytes = str_slice(bytes, part.n - rest.n, bytes.n);
		if (got == IMAP_READ_BAD)
			break;
		buf_char(ret, got == IMAP_READ_MORE ? ' ' : (char)('0' + got));
		if (got == IMAP_READ_MORE)
			ret->n--;
		if (got == IMAP_READ_DONE) {
			buf_str(ret, buf_view(&r.text));
			imap_reader_next(&r);
		} else if (got == IMAP_READ_LITERAL && imap_reader_take(&r)) {
			break;
		}
	}
	imap_reader_release(&r);
}

static void check_set(struct imap_set set)
{
	imap_set_resolve(&set, 1000);
	for (size_t i = 0; i < set.n; i++) {
		check(set.ranges[i].lo <= set.ranges[i].hi);
		check(i == 0 || set.ranges[i - 1].hi < set.ranges[i].lo);
		check(imap_set_has(&set, set.ranges[i].lo) && imap_set_has(&set, set.ranges[i].hi));
	}
}

static void parse_line(struct str line)
{
	struct arena a = ARENA_INIT(IMAP_ARENA_BYTES);
	struct imap_in in = imap_in_of(&a, line);
	struct imap_fetch_args *fetch = in_fetch(&in);

	check(in.at <= line.n);
	if (in_ok(&in))
		check_set(fetch->set);
	in = imap_in_of(&a, line);
	(void)in_search(&in);
	check(in.at <= line.n);
	in = imap_in_of(&a, line);
	(void)in_flags(&in, true);
	check(in.at <= line.n);
	arena_release(&a);
}

/* As the arguments of every command that there is. */
static void parse_as_each(struct str line)
{
	struct imap_server server = { 0 };
	struct imap_session se = { .server = &server, .state = IMAP_SELECTED };
	size_t n;
	const struct imap_verb *verbs = imap_verbs(&n);

	for (size_t i = 0; i < n; i++) {
		struct imap_command c = { .se = &se, .verb = &verbs[i], .arena = ARENA_INIT(IMAP_ARENA_BYTES) };
		struct imap_in in = imap_in_of(&c.arena, line);

		if (verbs[i].parse)
			verbs[i].parse(&in, &c);
		in_end(&in);
		check(in.at <= line.n);
		if (verbs[i].release)
			verbs[i].release(&c);
		arena_release(&c.arena);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str bytes = str_from(data, size);
	struct buf whole = BUF_INIT(1 << 20), single = BUF_INIT(1 << 20);

	read_all(bytes, size ? size : 1, &whole);
	read_all(bytes, 1, &single);
	check(str_eq(buf_view(&whole), buf_view(&single)));
	buf_release(&whole);
	buf_release(&single);
	parse_line(bytes);
	parse_as_each(bytes);
	return 0;
}
