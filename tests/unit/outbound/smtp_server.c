#include "smtp_server.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HEARD_MAX = 1 << 20, MESSAGE_MAX = 64 << 20, LINE_MAX_BYTES = 8192 };

struct conn {
	struct smtp_server *s;
	int fd;
	struct buf in;
	bool dead;
};

static void say(struct conn *c, const char *text)
{
	size_t n = strlen(text);

	while (!c->dead && n) {
		ssize_t w = send(c->fd, text, n, MSG_NOSIGNAL);

		c->dead = w <= 0;
		text += w > 0 ? w : 0;
		n -= w > 0 ? (size_t)w : 0;
	}
}

static bool more(struct conn *c)
{
	char piece[4096];
	ssize_t n = recv(c->fd, piece, sizeof(piece), 0);

	if (n <= 0)
		c->dead = true;
	else
		buf_put(&c->in, piece, (size_t)n);
	return !c->dead;
}

static bool line(struct conn *c, struct buf *ret)
{
	size_t end;

	while ((end = str_find(buf_view(&c->in), S("\r\n"))) == c->in.n)
		if (!more(c))
			return false;
	buf_clear(ret);
	buf_str(ret, str_slice(buf_view(&c->in), 0, end));
	buf_consume(&c->in, end + 2);
	return true;
}

static void undo_dots(struct buf *to, struct str text)
{
	bool begins = true;

	for (size_t i = 0; i < text.n; i++) {
		if (!(begins && text.p[i] == '.'))
			buf_char(to, text.p[i]);
		begins = text.p[i] == '\n';
	}
}

/* False: it hung up. */
static bool take_text(struct conn *c)
{
	struct smtp_server *s = c->s;
	size_t end;

	for (;;) {
		if (s->hang_up_in_text >= 0 && c->in.n >= (size_t)s->hang_up_in_text) {
			s->hang_up_in_text = -1;
			return false;
		}
		end = str_starts(buf_view(&c->in), S(".\r\n")) ? 0 : str_find(buf_view(&c->in), S("\r\n.\r\n"));
		if (end < c->in.n)
			break;
		if (!more(c))
			return false;
	}
	if (!expect_elsewhere(&s->elsewhere, s->messages_n < SMTP_MESSAGES_MAX))
		return false;
	struct buf *m = &s->messages[s->messages_n];
	*m = BUF_INIT(MESSAGE_MAX);
	undo_dots(m, str_slice(buf_view(&c->in), 0, end + 2));
	buf_consume(&c->in, end + 5);
	return true;
}

static const char *rule_of(struct smtp_server *s, struct str command, const char *other)
{
	for (size_t i = 0; i < SMTP_RULES_MAX && s->rules[i].command; i++) {
		struct smtp_rule *r = &s->rules[i];

		if (!str_istarts(command, str_of(r->command)) || r->times == UINT32_MAX)
			continue;
		if (r->times && --r->times == 0)
			r->times = UINT32_MAX;
		return r->reply;
	}
	return other;
}

static const char *default_of(struct str command)
{
	if (str_istarts(command, S("DATA")))
		return "354 go on\r\n";
	if (str_istarts(command, S("QUIT")))
		return "221 bye\r\n";
	return "250 2.0.0 ok\r\n";
}

static void greet(struct conn *c)
{
	say(c, "250-test.example\r\n");
	if (c->s->extensions)
		say(c, c->s->extensions);
	say(c, "250 HELP\r\n");
}

static void serve(struct conn *c)
{
	CLEANUP(buf_release) struct buf command = BUF_INIT(LINE_MAX_BYTES);
	const char *first = rule_of(c->s, S("CONNECT"), "220 test.example ESMTP\r\n");

	c->s->connections++;
	if (!first)
		return;
	say(c, first);
	while (!c->dead && line(c, &command)) {
		struct str text = buf_view(&command);
		const char *reply = rule_of(c->s, text, default_of(text));

		buf_str(&c->s->heard, text);
		buf_cstr(&c->s->heard, "\n");
		if (!reply)
			return;
		if (str_istarts(text, S("EHLO")) && str_starts(str_of(reply), S("250"))) {
			greet(c);
			continue;
		}
		say(c, reply);
		if (!str_istarts(text, S("DATA")) || !str_starts(str_of(reply), S("354")))
			continue;
		if (!take_text(c))
			return;
		reply = rule_of(c->s, S("."), "250 2.6.0 queued\r\n");
		if (reply && str_starts(str_of(reply), S("250")))
			c->s->messages_n++;
		else
			buf_release(&c->s->messages[c->s->messages_n]);
		if (!reply || c->s->hang_up_after_dot) {
			c->s->hang_up_after_dot = false;
			return;
		}
		say(c, reply);
	}
}

static void *run(void *arg)
{
	struct smtp_server *s = arg;

	for (;;) {
		struct conn c = { .s = s, .fd = accept(s->listener, NULL, NULL), .in = BUF_INIT(MESSAGE_MAX) };

		if (c.fd < 0)
			return NULL;
		serve(&c);
		buf_release(&c.in);
		close(c.fd);
	}
}

/* Port 0: one that the kernel chooses. */
static int bound_to(unsigned port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
				       .sin_port = htons((uint16_t)port),
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* A port that stays ours while nothing listens on it: programs beside us are given others. */
static void take_a_port(struct smtp_server *s)
{
	struct sockaddr_in a;
	socklen_t n = sizeof(a);

	s->place = bound_to(0);
	assert_int_equal(getsockname(s->place, (struct sockaddr *)&a, &n), 0);
	s->port = ntohs(a.sin_port);
}

void smtp_server_start(struct smtp_server *s)
{
	if (!s->heard.max)
		s->heard = BUF_INIT(HEARD_MAX);
	if (!s->port)
		take_a_port(s);
	s->listener = bound_to(s->port);
	assert_int_equal(listen(s->listener, 8), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
	s->running = true;
}

void smtp_server_stop(struct smtp_server *s)
{
	if (!s->running)
		return;
	s->running = false;
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->listener);
	judge_elsewhere(&s->elsewhere);
}

void smtp_server_release(struct smtp_server *s)
{
	smtp_server_stop(s);
	if (s->port)
		close(s->place);
	for (size_t i = 0; i < s->messages_n; i++)
		buf_release(&s->messages[i]);
	buf_release(&s->heard);
}
