/* The grammar of what the server is asked, and the client's side. */
#include <gateway/control/ask.h>

#include <gateway/control/dial.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct {
	struct str name;
	unsigned numbers; /* that it takes */
} verbs[ASK_VERB_MAX_] = {
	[ASK_STATS] = { STR_INIT("stats"), 0 },
	[ASK_SESSIONS] = { STR_INIT("sessions"), 0 },
	[ASK_END_SESSION] = { STR_INIT("end-session"), 1 },
	[ASK_END_ACCOUNT] = { STR_INIT("end-account"), 1 },
	[ASK_TRACE] = { STR_INIT("trace"), 2 },
	[ASK_TRACE_BODIES] = { STR_INIT("trace-bodies"), 2 },
	[ASK_TRACE_OFF] = { STR_INIT("trace-off"), 1 },
	[ASK_TRACE_SHOW] = { STR_INIT("trace-show"), 1 },
	[ASK_RELOAD] = { STR_INIT("reload"), 0 },
	[ASK_DRAIN] = { STR_INIT("drain"), 0 },
};

const char *ask_name(enum ask_verb verb)
{
	return verbs[verb].name.p;
}

/* As many numbers as there are to be, none of them 0, and nothing behind. */
static enum err parse_numbers(struct str rest, unsigned n, int64_t numbers[])
{
	struct str word;
	uint64_t number;

	for (unsigned i = 0; i < n; i++) {
		if (!rest.p || !str_cut(&rest, ' ', &word) || str_to_u64(word, INT64_MAX, &number) || number == 0)
			return ERR_INVALID;
		numbers[i] = (int64_t)number;
	}
	return rest.p ? ERR_INVALID : ERR_OK;
}

enum err ask_parse(struct str line, struct ask *ret)
{
	int64_t numbers[2] = { 0 };
	struct str word;

	if (!str_cut(&line, ' ', &word))
		return ERR_INVALID;
	for (size_t i = 0; i < ASK_VERB_MAX_; i++) {
		if (!str_eq(word, verbs[i].name))
			continue;
		TRY(parse_numbers(line, verbs[i].numbers, numbers));
		*ret = (struct ask){ (enum ask_verb)i, numbers[0], numbers[1] };
		return ERR_OK;
	}
	return ERR_INVALID;
}

/* The last line of what has come, whole; .p NULL: none yet. */
static struct str last_line(const struct buf *b)
{
	size_t from;

	if (b->n == 0 || b->p[b->n - 1] != '\n')
		return STR_EMPTY;
	for (from = b->n - 1; from > 0 && b->p[from - 1] != '\n';)
		from--;
	return str_from(b->p + from, b->n - 1 - from);
}

/* Reads up to "ok", or "error TEXT", of which the text is left. */
static enum err read_answer(int fd, struct buf *out)
{
	for (;;) {
		struct str line = last_line(out);
		char *room;
		ssize_t got;

		if (str_eq(line, S("ok"))) {
			buf_truncate(out, out->n - sizeof("ok\n") + 1);
			return ERR_OK;
		}
		if (line.p && str_starts(line, S("error "))) {
			buf_consume(out, (size_t)(line.p - out->p) + sizeof("error ") - 1);
			buf_truncate(out, out->n - 1);
			return ERR_DENIED;
		}
		room = buf_reserve(out, 4096);
		if (!room)
			return ERR_LIMIT;
		got = read(fd, room, 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return ERR_IO;
		buf_added(out, (size_t)got);
	}
}

enum err ask_server(const char *state_dir, const struct ask *ask, struct buf *out)
{
	CLEANUP(buf_release) struct buf line = BUF_INIT(128);
	enum err e;
	int fd;

	TRY(dial_server(state_dir, ASK_TIMEOUT_MS, &fd));
	buf_cstr(&line, ask_name(ask->verb));
	if (verbs[ask->verb].numbers > 0)
		buf_fmt(&line, " %lld", (long long)ask->id);
	if (verbs[ask->verb].numbers > 1)
		buf_fmt(&line, " %lld", (long long)ask->minutes);
	buf_char(&line, '\n');
	e = send(fd, line.p, line.n, MSG_NOSIGNAL) == (ssize_t)line.n ? read_answer(fd, out) : ERR_IO;
	close(fd);
	return e;
}
