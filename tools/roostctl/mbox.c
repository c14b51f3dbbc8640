#include <tools/roostctl/mbox.h>

#include <gateway/content/header.h>

#include <assert.h>

enum verdict {
	UNDECIDED, /* more bytes of the line are needed */
	ORDINARY,
	EMPTY,
	QUOTED,  /* ">From ": without the '>' */
	QUOTING, /* ">>": one of them is certainly text */
	FROM,    /* a whole From_ line */
	BAD,
};

bool mbox_from_date(struct str line, int64_t *ret_ms)
{
	struct str rest = line, word;

	if (!str_starts(line, S("From ")) || str_index(line, ':') == line.n)
		return false;
	(void)str_cut(&rest, ' ', &word);
	(void)str_cut(&rest, ' ', &word);
	return header_date(rest, ret_ms) == ERR_OK;
}

static struct str without_end(struct str line)
{
	line.n -= str_ends(line, S("\n"));
	line.n -= str_ends(line, S("\r"));
	return line;
}

static bool may_become(struct str line, struct str prefix)
{
	return line.n < prefix.n && str_starts(prefix, line);
}

/* A line that begins "From ", as far as it is known. */
static enum verdict judge_from(const struct mbox_reader *r, struct str line)
{
	int64_t ms;

	if (!str_ends(line, S("\n")))
		return line.n < MBOX_FROM_MAX ? UNDECIDED : r->open ? ORDINARY : BAD;
	return !r->open || mbox_from_date(without_end(line), &ms) ? FROM : ORDINARY;
}

static enum verdict judge(const struct mbox_reader *r, struct str line)
{
	bool from_counts = !r->open || r->blank_n > 0;

	if (from_counts && may_become(line, S("From ")))
		return UNDECIDED;
	if (from_counts && str_starts(line, S("From ")))
		return judge_from(r, line);
	if (!r->open)
		return BAD;
	if (str_eq(line, S("\n")) || str_eq(line, S("\r\n")))
		return EMPTY;
	if (str_eq(line, S(">>")))
		return QUOTING;
	if (str_eq(line, S(">From ")))
		return QUOTED;
	return str_eq(line, S("\r")) || may_become(line, S(">From ")) ? UNDECIDED : ORDINARY;
}

/* Gives out `n` held bytes but for one at `without` (n: none), and keeps the rest as the line's beginning. */
static enum mbox_event give(struct mbox_reader *r, size_t n, size_t without, struct str *ret_text)
{
	size_t given = 0;

	for (size_t i = 0; i < n; i++)
		if (i != without)
			r->given[given++] = r->held[i];
	memmove(r->held, r->held + n, r->held_n - n);
	r->held_n -= n;
	r->blank_n = 0;
	*ret_text = str_from(r->given, given);
	return MBOX_TEXT;
}

static void keep_from_line(struct mbox_reader *r)
{
	size_t n = r->held_n - r->blank_n;

	memcpy(r->given, r->held + r->blank_n, n);
	r->held_n = n;
	r->blank_n = 0;
}

static enum mbox_event begin(struct mbox_reader *r, struct str *ret_text)
{
	*ret_text = without_end(str_from(r->given, r->held_n));
	r->held_n = 0;
	r->open = true;
	r->state = MBOX_LINE_BEGINS;
	return MBOX_BEGIN;
}

/* The held line is judged: what follows from it. MBOX_MORE: nothing to tell yet. */
static enum mbox_event decide(struct mbox_reader *r, struct str *ret_text)
{
	struct str line = str_from(r->held + r->blank_n, r->held_n - r->blank_n);
	size_t blank_n = r->blank_n;
	enum mbox_event event = MBOX_MORE;

	switch (judge(r, line)) {
	case UNDECIDED:
		break;
	case EMPTY:
		if (blank_n)
			event = give(r, blank_n, blank_n, ret_text);
		r->blank_n = line.n;
		break;
	case QUOTING:
		event = give(r, blank_n + 1, blank_n + 1, ret_text);
		break;
	case QUOTED:
		r->state = MBOX_IN_LINE;
		event = give(r, r->held_n, blank_n, ret_text);
		break;
	case ORDINARY:
		r->state = str_ends(line, S("\n")) ? MBOX_LINE_BEGINS : MBOX_IN_LINE;
		event = give(r, r->held_n, r->held_n, ret_text);
		break;
	case FROM:
		keep_from_line(r);
		if (!r->open)
			return begin(r, ret_text);
		r->state = MBOX_NEXT_BEGINS;
		event = MBOX_END;
		break;
	case BAD:
		r->state = MBOX_FAILED;
		event = MBOX_BAD;
		break;
	}
	return event;
}

static bool is_special(char c)
{
	return c == 'F' || c == '>' || c == '\r' || c == '\n';
}

/* The rest of the line, and with it the lines after it that need no second look. */
static enum mbox_event pass(struct mbox_reader *r, struct str *in, struct str *ret_text)
{
	size_t n = 0;

	do {
		n += str_index(str_slice(*in, n, in->n), '\n');
		r->state = n < in->n ? MBOX_LINE_BEGINS : MBOX_IN_LINE;
		n += n < in->n;
	} while (n < in->n && !is_special(in->p[n]));
	*ret_text = str_slice(*in, 0, n);
	*in = str_slice(*in, n, in->n);
	return MBOX_TEXT;
}

enum mbox_event mbox_next(struct mbox_reader *r, struct str *in, struct str *ret_text)
{
	enum mbox_event event = MBOX_MORE;

	*ret_text = STR_EMPTY;
	if (r->state == MBOX_NEXT_BEGINS)
		return begin(r, ret_text);
	if (r->state == MBOX_FAILED)
		return MBOX_BAD;
	if (r->state == MBOX_IN_LINE && in->n > 0)
		return pass(r, in, ret_text);
	while (event == MBOX_MORE && in->n > 0) {
		assert(r->held_n < sizeof(r->held));
		r->held[r->held_n++] = in->p[0];
		*in = str_slice(*in, 1, in->n);
		event = decide(r, ret_text);
	}
	return event;
}

enum mbox_event mbox_finish(struct mbox_reader *r, struct str *ret_text)
{
	*ret_text = STR_EMPTY;
	if (r->state == MBOX_NEXT_BEGINS)
		return begin(r, ret_text);
	if (r->state == MBOX_FAILED || (!r->open && r->state != MBOX_FINISHED)) {
		r->state = MBOX_FAILED;
		return MBOX_BAD;
	}
	if (r->held_n > r->blank_n) {
		r->state = MBOX_IN_LINE;
		return give(r, r->held_n, r->held_n, ret_text);
	}
	if (r->state == MBOX_FINISHED)
		return MBOX_MORE;
	r->state = MBOX_FINISHED;
	r->open = false;
	return MBOX_END;
}
