/* The way into a maildrop: USER and PASS, AUTH (RFC 5034), and then the maildrop to itself. */
#include <gateway/pop3/session.h>

#include <base/log.h>
#include <base/mem.h>

#include <stdlib.h>

enum { LIST_MAX_BYTES = 512 };

/* RFC 3206: [AUTH] says that the credentials are at fault, [SYS/TEMP] that they are not. */
static const char *const answers[] = {
	[LOGIN_PENDING] = NULL,
	[LOGIN_GOOD] = NULL,
	[LOGIN_CHALLENGE] = NULL,
	[LOGIN_DENIED] = "-ERR [AUTH] login failed",
	[LOGIN_BUSY] = "-ERR [SYS/TEMP] busy, try again",
	[LOGIN_FAILED] = "-ERR [SYS/TEMP] storage error",
	[LOGIN_CANCELLED] = "-ERR cancelled",
	[LOGIN_MALFORMED] = "-ERR malformed credentials",
	[LOGIN_UNSUPPORTED] = "-ERR no such mechanism here; STLS may help",
};
_Static_assert(countof(answers) == LOGIN_RESULT_MAX_, "an answer for each result");

static bool open_drop(struct pop3_session *se)
{
	if (!pop3_drops_take(se->server->drops, se->login.identity.mailbox)) {
		pop3_say(se, "-ERR [IN-USE] another session has the maildrop");
		se->state = POP3_STATE_AUTHORIZATION;
		return true;
	}
	se->mailbox = se->login.identity.mailbox;
	se->drop_taken = true;
	se->state = POP3_STATE_WAITING;
	if (pop3_submit(se, POP3_TASK_LIST))
		return false;
	pop3_end(se, "-ERR [SYS/TEMP] busy, try again");
	return false;
}

static bool challenge(struct pop3_session *se)
{
	struct buf line = BUF_INIT(SASL_MAX_BASE64_BYTES + 4);

	buf_cstr(&line, "+ ");
	buf_str(&line, buf_view(&se->login.challenge));
	buf_cstr(&line, "\r\n");
	stream_write_buf(se->stream, &line);
	se->state = POP3_STATE_CHALLENGED;
	return true;
}

static bool refuse_login(struct pop3_session *se, enum login_result result)
{
	se->state = POP3_STATE_AUTHORIZATION;
	if (result == LOGIN_DENIED) {
		log_warn("pop3_login", "peer=" STR_FMT " result=denied", STR_ARG(stream_peer(se->stream)));
		if (++se->failed_logins >= POP3_MAX_FAILED_LOGINS) {
			pop3_end(se, answers[result]);
			return false;
		}
	}
	pop3_say(se, answers[result]);
	return true;
}

/* True: go on with the next line. */
static bool after(struct pop3_session *se, enum login_result result)
{
	switch (result) {
	case LOGIN_PENDING:
		se->state = POP3_STATE_WAITING;
		return false;
	case LOGIN_GOOD:
		return open_drop(se);
	case LOGIN_CHALLENGE:
		return challenge(se);
	case LOGIN_DENIED:
	case LOGIN_BUSY:
	case LOGIN_FAILED:
	case LOGIN_CANCELLED:
	case LOGIN_MALFORMED:
	case LOGIN_UNSUPPORTED:
	case LOGIN_RESULT_MAX_:
		break;
	}
	return refuse_login(se, result);
}

void pop3_login_done(struct login *l, enum login_result result)
{
	(void)after(container_of(l, struct pop3_session, login), result); /* input() comes by itself */
}

bool pop3_run_challenged(struct pop3_session *se, struct str line)
{
	return after(se, login_line(&se->login, line));
}

/* Without an argument: which mechanisms are there, as clients ask that are older than CAPA. */
static bool list_mechanisms(struct pop3_session *se)
{
	struct buf b = BUF_INIT(LIST_MAX_BYTES);

	buf_cstr(&b, "+OK mechanisms follow");
	login_list(&se->login, "\r\n", &b);
	buf_cstr(&b, "\r\n.\r\n");
	stream_write_buf(se->stream, &b);
	return true;
}

bool pop3_run_auth(struct pop3_session *se, const struct pop3_command *c)
{
	if (!c->text.p)
		return list_mechanisms(se);
	return after(se, login_begin(&se->login, c->text, c->more));
}

bool pop3_run_user(struct pop3_session *se, const struct pop3_command *c)
{
	if (!login_allowed(&se->login))
		return pop3_refuse(se, "-ERR STLS first");
	free(se->user);
	se->user = mem_cstr_n(c->text.p, c->text.n);
	pop3_say(se, "+OK"); /* whoever it is: PASS tells */
	return true;
}

bool pop3_run_pass(struct pop3_session *se, const struct pop3_command *c)
{
	char *user = se->user;
	enum login_result result;

	if (!user)
		return pop3_refuse(se, "-ERR USER first");
	se->user = NULL;
	result = login_password(&se->login, str_of(user), c->text);
	free(user);
	return after(se, result);
}
