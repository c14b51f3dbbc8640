/* Replies of SMTP servers: bytes alone come to the same as the whole, and what is made of a reply is one line. */
#include <gateway/outbound/smtp_reply.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void is_one_line(const struct smtp_reply *r)
{
	struct buf line = BUF_INIT(2 * SMTP_MAX_REPLY);

	smtp_reply_put(&line, r);
	check(buf_status(&line) == ERR_OK);
	for (size_t i = 0; i < line.n; i++)
		check(line.p[i] >= ' ' && line.p[i] < 0x7f);
	buf_release(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = str_from(data, size);
	struct smtp_reply whole, piece;
	enum smtp_parsed parsed = smtp_reply_parse(in, &whole), now = SMTP_NEED_MORE;
	size_t n = 0;

	while (now == SMTP_NEED_MORE && n < in.n)
		now = smtp_reply_parse(str_slice(in, 0, ++n), &piece);
	check(in.n == 0 || now == parsed);
	if (parsed != SMTP_DONE)
		return 0;
	check(whole.used == n && piece.used == n && whole.code == piece.code && whole.code >= 200 && whole.code < 600);
	check(smtp_reply_status(&whole).n <= SMTP_MAX_STATUS);
	(void)smtp_extensions_of(&whole);
	is_one_line(&whole);
	return 0;
}
