/* Adds and Changes of mails. */
#include <gateway/activesync/sync_class.h>

#include <gateway/activesync/email_change.h>
#include <gateway/activesync/sync_work.h>

/* Mail is not added by phones but for drafts (MS-ASCMD 2.2.3.7.2: Status 6), and text messages. */
enum err sync_mail_add(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
		       const struct sync_command *command, struct sync_result *result)
{
	if (c->asked->commands[i].text)
		return sync_text_add(job, c, tx, i, command, result);
	return c->drafts ? sync_draft_add(job, c, tx, i, command, result) : ERR_UNSUPPORTED;
}

static enum err change_flags(struct sync_job *job, struct sync_work *c, struct store_tx *tx,
			     const struct eas_sync_command *asked, const struct sync_result *result)
{
	const struct author by = sync_line_author(&c->line);
	struct wbxml_reader data = asked->data;
	struct email_change change;
	struct item_edit edit;
	struct item item;
	enum err e;

	TRY(item_get(job->rq->arena, tx, c->folder, result->item, &item));
	e = email_change_parse(&data, job->rq->version, &change);
	if (!e) {
		email_change_edit(&change, &edit);
		e = item_update(tx, c->folder, result->item, &edit, &by);
	}
	email_change_release(&change);
	return e;
}

enum err sync_mail_change(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			  const struct sync_command *command, struct sync_result *result)
{
	(void)command;
	return c->drafts ? sync_draft_change(job, c, tx, i, result)
			 : change_flags(job, c, tx, &c->asked->commands[i], result);
}
