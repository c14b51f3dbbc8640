#include <gateway/smtp/text.h>

#include <gateway/smtp/limits.h>

void smtp_text_init(struct smtp_text *t)
{
	*t = (struct smtp_text){ .piece = BUF_INIT(SMTP_PIECE_BYTES + SMTP_DOTS_MAX_MORE) };
}

void smtp_text_release(struct smtp_text *t)
{
	buf_release(&t->piece);
	smtp_text_init(t);
}

void smtp_text_begin_data(struct smtp_text *t)
{
	t->in_chunk = false;
	t->dots = (struct smtp_dots){ 0 };
}

void smtp_text_begin_chunk(struct smtp_text *t, uint64_t size, bool last)
{
	t->in_chunk = true;
	t->left = size;
	t->last = last;
}

static void take_dots(struct smtp_text *t, struct stream *s)
{
	struct str in = str_slice(stream_input(s), 0, SMTP_PIECE_BYTES - t->piece.n);
	size_t before = in.n;

	t->ends = smtp_dots_put(&t->dots, &in, &t->piece);
	stream_consume(s, before - in.n);
}

/* What the input has of the chunk, up to `room`. */
static struct str of_chunk(const struct smtp_text *t, const struct stream *s, size_t room)
{
	struct str in = str_slice(stream_input(s), 0, room);

	return in.n > t->left ? str_slice(in, 0, (size_t)t->left) : in;
}

static void take_chunk(struct smtp_text *t, struct stream *s)
{
	struct str in = of_chunk(t, s, SMTP_PIECE_BYTES - t->piece.n);

	buf_str(&t->piece, in);
	t->left -= in.n;
	stream_consume(s, in.n);
	t->ends = t->left == 0 && t->last;
}

enum smtp_taken smtp_text_take(struct smtp_text *t, struct stream *s)
{
	if (t->in_chunk)
		take_chunk(t, s);
	else
		take_dots(t, s);
	if (t->ends)
		return SMTP_TEXT_END;
	if (t->in_chunk && t->left == 0)
		return SMTP_TEXT_CHUNK;
	return t->piece.n >= SMTP_PIECE_BYTES / 2 ? SMTP_TEXT_PIECE : SMTP_TEXT_MORE;
}

bool smtp_text_skip(struct smtp_text *t, struct stream *s)
{
	struct str in = of_chunk(t, s, SIZE_MAX);

	t->left -= in.n;
	stream_consume(s, in.n);
	return t->left == 0;
}
