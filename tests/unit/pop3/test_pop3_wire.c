/* Messages as POP3 sends them, cut in every place. */
#include <gateway/pop3/wire.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { ALL = -1 };

static const struct {
	const char *what, *message;
	int lines; /* of TOP; ALL: RETR */
	const char *wanted;
} cases[] = {
	{ "a message", "A: b\r\n\r\ntext\r\n", ALL, "A: b\r\n\r\ntext\r\n.\r\n" },
	{ "dots", ".A: b\r\n\r\n.\r\n..\r\nx.\r\n", ALL, "..A: b\r\n\r\n..\r\n...\r\nx.\r\n.\r\n" },
	{ "no end of the last line", "A: b\r\n\r\ntext", ALL, "A: b\r\n\r\ntext\r\n.\r\n" },
	{ "a CR at the end", "A: b\r\n\r\ntext\r", ALL, "A: b\r\n\r\ntext\r\n.\r\n" },
	{ "a dot after a bare CR is in a line", "\r\n\r.\r\n", ALL, "\r\n\r.\r\n.\r\n" },
	{ "nothing", "", ALL, ".\r\n" },
	{ "the header", "A: b\r\n\r\ntext\r\n", 0, "A: b\r\n\r\n.\r\n" },
	{ "one line", "A: b\r\n\r\none\r\ntwo\r\n", 1, "A: b\r\n\r\none\r\n.\r\n" },
	{ "more lines than there are", "A: b\r\n\r\none\r\n", 9, "A: b\r\n\r\none\r\n.\r\n" },
	{ "no body", "A: b\r\n", 3, "A: b\r\n.\r\n" },
	{ "no header", "\r\none\r\ntwo\r\n", 1, "\r\none\r\n.\r\n" },
	{ "blank lines of the body count", "A: b\r\n\r\n\r\n\r\nx\r\n", 2, "A: b\r\n\r\n\r\n\r\n.\r\n" },
	{ "a CR alone is no blank line", "A: b\r\n\r\r\n\r\nx\r\n", 0, "A: b\r\n\r\r\n\r\n.\r\n" },
	{ "a blank is no blank line", "A: b\r\n \r\n\r\nx\r\n", 0, "A: b\r\n \r\n\r\n.\r\n" },
};

static void put_cut(struct pop3_wire *w, struct str message, size_t step, struct buf *out)
{
	bool over = false;

	for (size_t at = 0; at < message.n && !over; at += step)
		over = pop3_wire_put(w, str_slice(message, at, at + step), out);
	pop3_wire_end(w, out);
}

static void lines_are_stuffed_and_counted_however_they_come(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < countof(cases); i++) {
		for (size_t step = 1; step < 20; step++) {
			struct pop3_wire w =
				cases[i].lines == ALL ? pop3_wire_all() : pop3_wire_top((uint64_t)cases[i].lines);
			struct buf out = BUF_INIT(1024);

			put_cut(&w, str_of(cases[i].message), step, &out);
			if (!str_eq(buf_view(&out), str_of(cases[i].wanted)))
				fail_msg("%s, in steps of %zu: " STR_FMT, cases[i].what, step, STR_ARG(buf_view(&out)));
			buf_release(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_stuffed_and_counted_however_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
