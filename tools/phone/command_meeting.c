/* accept, tentative, decline: invitations answered. */
#include "commands.h"

#include "fault.h"
#include "meeting.h"

#include <stdio.h>

static enum meeting_answer answer_named(const char *name)
{
	return !strcmp(name, "accept")    ? MEETING_ACCEPT
	       : !strcmp(name, "decline") ? MEETING_DECLINE
					  : MEETING_TENTATIVE;
}

enum err command_answer(struct phone *p)
{
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	const struct str item = str_of(p->settings.args[0]);
	struct doc d = phone_doc(p);
	struct meeting_reply r;
	struct str folder, bytes;

	TRY(message_folder(p, item, &folder));
	meeting_put(&ask, p->identity.version, folder, item, answer_named(p->settings.command));
	TRY(phone_post(p, COMMAND_MEETING_RESPONSE, &ask, 0, &bytes));
	TRY(meeting_parse(&d, bytes, &r));
	if (r.status > 1 || r.result != 1)
		return status_fault(p, "MeetingResponse", r.status > 1 ? r.status : r.result);
	if (!str_eq(r.request, item))
		return fault(&p->why, "MeetingResponse does not answer for " STR_FMT, STR_ARG(item));
	if (r.calendar.n)
		printf("answered, event " STR_FMT "\n", STR_ARG(r.calendar));
	else
		printf("answered\n");
	return ERR_OK;
}
