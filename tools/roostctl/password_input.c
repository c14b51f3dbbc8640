#include <tools/roostctl/password_input.h>

#include <gateway/auth/password.h>
#include <gateway/auth/scram_account.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { NO_INTERRUPT = -1 };

struct secret {
	char text[PASSWORD_MAX_BYTES + 2]; /* with a line end */
	size_t n;
};

static void secret_wipe(struct secret *s)
{
	explicit_bzero(s, sizeof(*s));
}

/* One line, without its end; false where it cannot be read, is too long, or ends with the terminal's interrupt. */
static bool read_line(int fd, int interrupt, struct secret *s)
{
	const char *why = NULL;
	ssize_t got = 1;

	s->n = 0;
	while (s->n < sizeof(s->text) && (got = read(fd, s->text + s->n, 1)) == 1 && s->text[s->n] != '\n' &&
	       (unsigned char)s->text[s->n] != interrupt)
		s->n++;
	if (got < 0)
		why = "cannot be read";
	else if (s->n == sizeof(s->text))
		why = "is too long";
	else if (got == 1 && s->text[s->n] != '\n')
		why = "is not set: interrupted";
	if (why) {
		ctl_say("the password %s", why);
		return false;
	}
	if (s->n > 0 && s->text[s->n - 1] == '\r')
		s->n--;
	return true;
}

static bool ask(int tty, const char *prompt, int interrupt, struct secret *s)
{
	bool ok = write(tty, prompt, strlen(prompt)) > 0 && read_line(tty, interrupt, s);

	return write(tty, "\n", 1) == 1 && ok;
}

static bool ask_twice(int tty, int interrupt, struct secret *s)
{
	struct secret again;
	bool ok = ask(tty, "New password: ", interrupt, s) && ask(tty, "Again: ", interrupt, &again);

	if (ok && !str_eq(str_from(s->text, s->n), str_from(again.text, again.n))) {
		ctl_say("the passwords differ");
		ok = false;
	}
	secret_wipe(&again);
	return ok;
}

static bool from_terminal(struct secret *s)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios loud, quiet;
	bool ok;

	if (tty < 0 || tcgetattr(tty, &loud)) {
		ctl_say("no terminal to ask for the password; --password-stdin or --password-file FILE gives it");
		if (tty >= 0)
			close(tty);
		return false;
	}
	/* A signal would leave the terminal without echo: Ctrl-C ends the line instead. */
	quiet = loud;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	quiet.c_cc[VEOL] = loud.c_cc[VINTR];
	(void)tcsetattr(tty, TCSAFLUSH, &quiet);
	ok = ask_twice(tty, loud.c_cc[VINTR], s);
	(void)tcsetattr(tty, TCSAFLUSH, &loud);
	close(tty);
	return ok;
}

static bool from_file(const char *path, struct secret *s)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0) {
		ctl_say("%s: %s", path, strerror(errno));
		return false;
	}
	ok = read_line(fd, NO_INTERRUPT, s);
	close(fd);
	return ok;
}

/* A password that SCRAM can't have is one for the other mechanisms. */
static enum err derive_keys(struct ctl *c, struct str address, struct str password, struct buf *ret)
{
	enum err e = scram_account_text(c->store, address, password, ret);

	return e == ERR_INVALID ? ERR_OK : e;
}

static enum status hash_secret(struct ctl *c, struct str address, const struct secret *s, struct password_made *ret)
{
	struct str password = str_from(s->text, s->n);
	enum err e = password_hash(password, &ret->hash);

	if (!e)
		e = derive_keys(c, address, password, &ret->scram);
	if (e == ERR_INVALID)
		ctl_say("the password is empty or holds a NUL");
	else if (e == ERR_LIMIT)
		ctl_say("the password is longer than %d bytes", PASSWORD_MAX_BYTES - 1);
	else if (e)
		return ctl_fail(e, "the password");
	return e ? STATUS_FAILED : STATUS_DONE;
}

void password_made_release(struct password_made *m)
{
	buf_release(&m->hash);
	buf_release(&m->scram);
}

enum status password_input(struct ctl *c, const struct args *args, struct str address, struct password_made *ret)
{
	const char *file = args->option[OPTION_PASSWORD_FILE];
	bool from_stdin = args->option[OPTION_PASSWORD_STDIN], none = args->option[OPTION_NO_PASSWORD];
	struct secret s;
	enum status status;
	bool ok;

	if ((file != NULL) + from_stdin + none > 1) {
		ctl_say("--password-stdin, --password-file and --no-password exclude each other");
		return STATUS_MISUSED;
	}
	if (none)
		return STATUS_DONE;
	if (file)
		ok = from_file(file, &s);
	else
		ok = from_stdin ? read_line(STDIN_FILENO, NO_INTERRUPT, &s) : from_terminal(&s);
	status = ok ? hash_secret(c, address, &s, ret) : STATUS_FAILED;
	secret_wipe(&s);
	return status;
}
