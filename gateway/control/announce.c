/* The writer's side of the announcements, and the grammar that both sides share. */
#include <gateway/control/announce.h>

#include <base/buf.h>
#include <base/mem.h>
#include <gateway/control/dial.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct announcer {
	char *state_dir;
	int fd;        /* -1 while no roostd hears us */
	bool hopeless; /* one is there and does not answer: waited for once, not for each word */
};

static const struct str verbs[] = {
	[ANNOUNCE_BEGIN] = STR_INIT("begin"),       [ANNOUNCE_COMMITTED] = STR_INIT("committed"),
	[ANNOUNCE_ACCOUNT] = STR_INIT("account"),   [ANNOUNCE_DEVICE] = STR_INIT("device"),
	[ANNOUNCE_POLICIES] = STR_INIT("policies"),
};

enum err announce_parse(struct str line, enum announce_verb *ret_verb, int64_t *ret_id)
{
	struct str word;
	uint64_t id;

	if (!str_cut(&line, ' ', &word))
		return ERR_INVALID;
	for (size_t i = 0; i < countof(verbs); i++) {
		if (!str_eq(word, verbs[i]))
			continue;
		TRY(str_to_u64(line, INT64_MAX, &id));
		*ret_verb = (enum announce_verb)i;
		*ret_id = (int64_t)id;
		return ERR_OK;
	}
	return ERR_INVALID;
}

static void hang_up(struct announcer *a)
{
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

/* Leaves fd at -1, with ERR_OK, where nobody listens. */
static enum err dial(struct announcer *a)
{
	enum err e = dial_server(a->state_dir, ANNOUNCE_TIMEOUT_MS, &a->fd);

	if (e)
		a->fd = -1;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

enum err announce_connect(const char *state_dir, struct announcer **ret)
{
	struct announcer a = { .state_dir = mem_cstr(state_dir), .fd = -1 };
	enum err e = dial(&a);

	if (e) {
		free(a.state_dir);
		return e;
	}
	*ret = mem_alloc(sizeof(**ret));
	**ret = a;
	return ERR_OK;
}

void announce_close(struct announcer **ap)
{
	if (!*ap)
		return;
	hang_up(*ap);
	free((*ap)->state_dir);
	free(*ap);
	*ap = NULL;
}

/* Also a job control stop ends a call that has a timeout with EINTR. */
static bool send_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = send(fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		bytes = str_slice(bytes, (size_t)n, bytes.n);
	}
	return true;
}

/* Reads up to the line's end; the answers are one short line a request. errno tells a timeout (EAGAIN) from the end. */
static bool read_ok(int fd)
{
	char line[ANNOUNCE_LINE_MAX];
	size_t n = 0;

	while (n < sizeof(line)) {
		ssize_t got = read(fd, line + n, sizeof(line) - n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return false;
		errno = ECONNRESET;
		if (got == 0)
			return false;
		n += (size_t)got;
		if (line[n - 1] == '\n')
			return str_eq(str_from(line, n), ANNOUNCE_OK);
	}
	return false;
}

/* Says it to the roostd that is connected, and waits until it has taken note. */
static bool tell(struct announcer *a, struct str line)
{
	if (a->fd < 0)
		return false;
	if (send_all(a->fd, line) && read_ok(a->fd))
		return true;
	a->hopeless = errno == EAGAIN;
	hang_up(a);
	return false;
}

/* One that was restarted, or started since, is found anew: it has phones that wait for this. */
static void say(struct announcer *a, enum announce_verb verb, int64_t id)
{
	struct buf line = BUF_INIT(ANNOUNCE_LINE_MAX);

	if (!a || a->hopeless)
		return;
	buf_str(&line, verbs[verb]);
	buf_char(&line, ' ');
	buf_i64(&line, id);
	buf_char(&line, '\n');
	if (!tell(a, buf_view(&line)) && !a->hopeless && dial(a) == ERR_OK)
		(void)!tell(a, buf_view(&line));
	buf_release(&line);
}

void announce_begin(struct announcer *a, int64_t mailbox)
{
	say(a, ANNOUNCE_BEGIN, mailbox);
}

void announce_committed(struct announcer *a, int64_t mailbox)
{
	say(a, ANNOUNCE_COMMITTED, mailbox);
}

void announce_account(struct announcer *a, int64_t account)
{
	say(a, ANNOUNCE_ACCOUNT, account);
}

void announce_device(struct announcer *a, int64_t device)
{
	say(a, ANNOUNCE_DEVICE, device);
}

void announce_policies(struct announcer *a, int64_t within_s)
{
	say(a, ANNOUNCE_POLICIES, within_s);
}
