/* send, reply and forward. */
#include "commands.h"

#include "fault.h"
#include "files.h"
#include "send.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>

enum { CLIENT_ID_BYTES = 16, MIME_MAX_BYTES = PHONE_MAX_BODY_BYTES - 4096 };

static enum err new_client_id(struct phone *p, struct buf *to)
{
	unsigned char id[CLIENT_ID_BYTES];

	if (getrandom(id, sizeof(id), 0) != (ssize_t)sizeof(id))
		return fault_err(&p->why, ERR_IO, "there is no randomness");
	buf_hex(to, id, sizeof(id));
	return ERR_OK;
}

static enum err send_message(struct phone *p, struct send_ask *ask, const char *file)
{
	CLEANUP(buf_release) struct buf mime = BUF_INIT(MIME_MAX_BYTES);
	CLEANUP(buf_release) struct buf id = BUF_INIT(2 * CLIENT_ID_BYTES);
	CLEANUP(buf_release) struct buf request = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct doc d = phone_doc(p);
	uint32_t status;
	struct str bytes;

	TRY(files_read(AT_FDCWD, file, &mime, &p->why));
	TRY(new_client_id(p, &id));
	ask->client_id = buf_view(&id);
	ask->mime = buf_view(&mime);
	p->identity.about = (struct mail_source_query){ ask->folder, ask->item };
	if (p->identity.version < EAS_14_0)
		buf_str(&request, ask->mime);
	else
		send_ask_put(&request, ask);
	TRY(phone_post(p, ask->command, &request, 0, &bytes));
	if (bytes.n == 0) {
		printf("sent\n");
		return ERR_OK;
	}
	TRY(send_parse(&d, bytes, ask->command, &status));
	return status_fault(p, command_name(ask->command), status);
}

enum err command_send(struct phone *p)
{
	struct send_ask ask = { .command = COMMAND_SEND_MAIL };

	return send_message(p, &ask, p->settings.args[0]);
}

static enum err send_about(struct phone *p, enum command c)
{
	struct send_ask ask = { .command = c, .item = str_of(p->settings.args[0]) };

	TRY(message_folder(p, ask.item, &ask.folder));
	return send_message(p, &ask, p->settings.args[1]);
}

enum err command_reply(struct phone *p)
{
	return send_about(p, COMMAND_SMART_REPLY);
}

enum err command_forward(struct phone *p)
{
	return send_about(p, COMMAND_SMART_FORWARD);
}
