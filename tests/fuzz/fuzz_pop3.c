/*
 * POP3: a line's parts lie inside it and a number is a message's; and the same octets as a message: whole and cut they
 * are sent alike, no line of them is a single dot, and without the stuffing they are the message.
 */
#include <gateway/pop3/command.h>
#include <gateway/pop3/wire.h>

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

static void check_wire(struct str message, struct pop3_wire begin)
{
	struct buf whole = BUF_INIT(SIZE_MAX / 2), cut = BUF_INIT(SIZE_MAX / 2);
	struct pop3_wire a = begin, b = begin;
	struct str before;
	bool over = false;

	(void)pop3_wire_put(&a, message, &whole);
	pop3_wire_end(&a, &whole);
	for (size_t i = 0; i < message.n && !over; i++)
		over = pop3_wire_put(&b, str_slice(message, i, i + 1), &cut);
	pop3_wire_end(&b, &cut);
	check(str_eq(buf_view(&whole), buf_view(&cut)));
	check(str_ends(buf_view(&whole), S(".\r\n")));
	before = str_slice(buf_view(&whole), 0, whole.n - 1);
	check(str_find(before, S("\n.\r\n")) == before.n);
	buf_release(&whole);
	buf_release(&cut);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str line = str_from(data, size);
	struct pop3_command c;

	if (!pop3_parse(line, &c)) {
		check_inside(c.text, line);
		check_inside(c.more, line);
		check(c.number <= UINT32_MAX && c.lines <= UINT32_MAX);
	}
	check_wire(line, pop3_wire_all());
	check_wire(line, pop3_wire_top(size % 3));
	return 0;
}
