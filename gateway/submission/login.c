/* AUTH (RFC 4954), and then who the account is. */
#include <gateway/submission/session.h>

#include <base/log.h>

static const char *const answers[] = {
	[LOGIN_PENDING] = NULL,
	[LOGIN_GOOD] = NULL,
	[LOGIN_CHALLENGE] = NULL,
	[LOGIN_DENIED] = "535 5.7.8 login failed",
	[LOGIN_BUSY] = "454 4.7.0 busy, try again",
	[LOGIN_FAILED] = "454 4.7.0 storage error",
	[LOGIN_CANCELLED] = "501 5.7.0 cancelled",
	[LOGIN_MALFORMED] = "501 5.5.2 malformed credentials",
	[LOGIN_UNSUPPORTED] = "504 5.5.4 no such mechanism",
};
_Static_assert(countof(answers) == LOGIN_RESULT_MAX_, "an answer for each result");

static bool challenge(struct submission_session *se)
{
	struct buf line = BUF_INIT(SASL_MAX_BASE64_BYTES + 8);

	buf_cstr(&line, "334 ");
	buf_str(&line, buf_view(&se->login.challenge));
	buf_cstr(&line, "\r\n");
	stream_write_buf(se->stream, &line);
	se->state = SUBMISSION_CHALLENGED;
	return true;
}

static bool refuse_login(struct submission_session *se, enum login_result result)
{
	se->state = SUBMISSION_READY;
	if (result == LOGIN_DENIED) {
		log_warn("submission_login", "peer=" STR_FMT " result=denied", STR_ARG(stream_peer(se->stream)));
		if (++se->failed_logins >= SUBMISSION_MAX_FAILED_LOGINS)
			return submission_end(se, "421 4.7.0 too many failures");
	}
	submission_reply(se, answers[result]);
	return true;
}

/* True: go on with the next line. */
static bool after(struct submission_session *se, enum login_result result)
{
	se->state = SUBMISSION_WAITING;
	if (result == LOGIN_PENDING || (result == LOGIN_GOOD && submission_submit(se, SUBMISSION_TASK_AUTHOR)))
		return false;
	if (result == LOGIN_CHALLENGE)
		return challenge(se);
	return refuse_login(se, result == LOGIN_GOOD ? LOGIN_BUSY : result);
}

void submission_login_done(struct login *l, enum login_result result)
{
	(void)after(container_of(l, struct submission_session, login), result); /* input() comes by itself */
}

void submission_author_done(struct submission_session *se)
{
	if (se->result) {
		(void)refuse_login(se, se->result == ERR_BUSY ? LOGIN_BUSY : LOGIN_FAILED);
		return;
	}
	se->logged_in = true;
	se->state = SUBMISSION_READY;
	log_info("submission_login", "user=%s peer=" STR_FMT, log_quote(se->author.address).text,
		 STR_ARG(stream_peer(se->stream)));
	submission_reply(se, "235 2.7.0 welcome");
}

bool submission_run_auth(struct submission_session *se, const struct smtp_command *c)
{
	if (se->logged_in)
		return submission_refuse(se, "503 5.5.1 already logged in");
	if (!login_allowed(&se->login))
		return submission_refuse(se, "538 5.7.11 STARTTLS first");
	return after(se, login_begin(&se->login, c->text, c->initial));
}

bool submission_run_challenged(struct submission_session *se, struct str line)
{
	return after(se, login_line(&se->login, line));
}
