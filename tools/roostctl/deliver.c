/*
 * roostctl deliver: standard input becomes an unread mail in the Inbox, as one that came by LMTP. There is no envelope,
 * so no header is added: what is stored is what was read, but for bare LFs, which become CRLF.
 */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/runs.h>

#include <gateway/mailbox/intake.h>

#include <errno.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024 };

/* False where standard input fails, which was said. */
static bool read_message(struct intake *in, enum err *ret)
{
	char chunk[CHUNK];
	ssize_t n;

	*ret = ERR_OK;
	while (!*ret && (n = read(STDIN_FILENO, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			ctl_say("standard input: %s", strerror(errno));
			return false;
		}
		*ret = intake_put(in, str_from(chunk, (size_t)n));
	}
	return true;
}

enum status deliver_run(struct ctl *c, const struct args *args)
{
	CLEANUP(intake_free) struct intake *in = NULL;
	uint64_t max = c->config.lmtp.max_message ? c->config.lmtp.max_message : INTAKE_MAX_BYTES_DEFAULT;
	struct account account;
	enum err e;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	e = intake_new(c->config.server.state_dir, max, &in);
	if (!e && !read_message(in, &e))
		return STATUS_FAILED;
	if (!e && intake_size(in) == 0) {
		ctl_say("%s: there is no message on standard input", args->word[0]);
		return STATUS_FAILED;
	}
	if (!e)
		e = intake_finish(in);
	if (!e)
		e = intake_deliver(in, c->store, account.mailbox, clock_wall_ms(clock_real()));
	if (e == ERR_LIMIT) {
		ctl_say("%s: the message is larger than %llu bytes", args->word[0], (unsigned long long)max);
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[0]) : STATUS_DONE;
}
