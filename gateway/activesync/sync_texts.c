/*
 * Text messages that a phone adds (MS-ASMS 3.1.4.1): each is composed and on disk before the write transaction, as drafts
 * are (sync_drafts.c).
 */
#include <gateway/activesync/sync_class.h>

#include <gateway/activesync/email_text.h>
#include <gateway/activesync/sync_work.h>
#include <gateway/mailbox/intake.h>
#include <store/quota.h>

#include <sys/random.h>

struct sync_text {
	bool parsed_any; /* there is something to release */
	enum err err;    /* what is wrong with it; the rest is then without meaning */
	struct email_text parsed;
	struct intake *in;
	struct store_blob_writer *blob;
};

static bool is_text(const struct eas_sync_command *asked)
{
	return asked->kind == EAS_SYNC_ADD && asked->text;
}

static enum err put_octets(void *ctx, struct str octets)
{
	return intake_put(ctx, octets);
}

static enum err prepare_one(struct sync_job *job, struct arena *scratch, const struct send_author *author,
			    const struct eas_sync_command *asked, struct sync_text *t)
{
	const struct eas *eas = job->rq->eas;
	struct email_text_owner owner = { .name = author->name,
					  .address = author->address,
					  .now_ms = clock_wall_ms(eas->clock) };
	struct wbxml_reader data = asked->data;

	t->parsed_any = true;
	TRY(email_text_parse(&data, job->rq->version, &t->parsed));
	while (getrandom(&owner.unique, sizeof(owner.unique), 0) != sizeof(owner.unique))
		;
	TRY(intake_new(store_state_dir(eas->store), INTAKE_MAX_BYTES_DEFAULT, &t->in));
	TRY(email_text_write(scratch, &t->parsed, &owner, (struct body_sink){ put_octets, t->in }));
	TRY(intake_finish(t->in));
	return intake_store(t->in, eas->store, job->rq->mailbox, &t->blob);
}

static bool is_fatal(enum err e)
{
	return e == ERR_BUSY || e == ERR_FULL || e == ERR_IO;
}

static enum err prepare_collection(struct sync_job *job, struct sync_work *c)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES);
	struct send_author author;

	c->texts = arena_array(job->rq->arena, c->asked->commands_n, sizeof(*c->texts));
	if (!c->texts)
		return ERR_BUSY;
	TRY(send_author_load(job->rq->arena, job->rq->eas->store, job->rq->account, &author));
	for (size_t i = 0; i < c->asked->commands_n; i++) {
		struct sync_text *t = &c->texts[i];

		if (!is_text(&c->asked->commands[i]))
			continue;
		arena_reset(&scratch);
		t->err = prepare_one(job, &scratch, &author, &c->asked->commands[i], t);
		if (is_fatal(t->err))
			return t->err;
	}
	return ERR_OK;
}

static bool has_texts(const struct eas_sync_collection *asked)
{
	for (size_t i = 0; i < asked->commands_n; i++)
		if (is_text(&asked->commands[i]))
			return true;
	return false;
}

enum err sync_texts_prepare(struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (has_texts(job->work[i].asked))
			TRY(prepare_collection(job, &job->work[i]));
	return ERR_OK;
}

void sync_texts_release(struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		for (size_t k = 0; c->texts && k < c->asked->commands_n; k++) {
			store_blob_writer_drop(&c->texts[k].blob);
			intake_free(&c->texts[k].in);
			if (c->texts[k].parsed_any)
				email_text_release(&c->texts[k].parsed);
		}
		c->texts = NULL;
	}
}

static enum err check_room(struct store_tx *tx, const struct sync_text *t)
{
	enum err e = quota_room(tx, intake_size(t->in));

	return e == ERR_LIMIT ? ERR_QUOTA : e;
}

/*
 * The phone keeps it, and what an earlier Add of it has made, whose answer was lost, is taken back. ERR_EXISTS: that has been sent or
 * deleted since, and the phone is to hear so (sync_add_settle()).
 */
static enum err withhold(struct sync_work *c, struct store_tx *tx, const struct sync_command *command,
			 struct sync_result *result)
{
	enum err e = sync_add_withdraw(tx, &c->line, command);

	if (e && e != ERR_NOT_FOUND)
		return e;
	result->status = EAS_SYNC_CONVERSION;
	return ERR_OK;
}

/*
 * An Add again, whose answer was lost, of a phone that hands its texts on: the one that sends may have sent what the first Add made. So that
 * one stays, and this one goes, as all that is handed on does.
 */
static enum err settle(struct sync_job *job, struct sync_work *c, struct store_tx *tx,
		       const struct sync_command *command, const struct item *made)
{
	const struct author nobody = AUTHOR_NOBODY;
	struct item former;
	enum err e = ERR_NOT_FOUND;

	if (c->outbound == EAS_OUTBOUND_HANDS_ON)
		e = sync_add_former(job->rq->arena, tx, &c->line, command, &former);
	if (!e)
		return item_expunge(tx, made->folder, made->id, &nobody);
	return e == ERR_NOT_FOUND ? sync_add_settle(tx, &c->line, command, made) : e;
}

/*
 * A phone that did not ask for the class would be told at once that its message goes: it keeps it, by Status 6 (our choice). So does
 * one that brings a message to send where no phone sends them, or where it says that it does and another one would do it too.
 */
enum err sync_text_add(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
		       const struct sync_command *command, struct sync_result *result)
{
	const struct author by = sync_line_author(&c->line);
	const struct sync_text *t = &c->texts[i];
	struct intake_item row = { .folder = c->folder, .flags = ITEM_TEXT, .by = by };
	struct item_edit edit;
	struct item made;
	enum err e;

	if (!c->options.texts.asked)
		return ERR_UNSUPPORTED;
	if (c->outbound == EAS_OUTBOUND_WITHHOLDS) {
		e = withhold(c, tx, command, result);
		if (e != ERR_EXISTS)
			return e;
	}
	TRY(t->err);
	TRY(check_room(tx, t));
	row.received_ms = t->parsed.has_received ? t->parsed.received_ms : clock_wall_ms(job->rq->eas->clock);
	TRY(intake_add(t->in, tx, t->blob, &row, &result->item));
	result->folder = c->folder;
	email_change_edit(&t->parsed.change, &edit);
	if (edit.what)
		TRY(item_update(tx, c->folder, result->item, &edit, &by));
	TRY(item_get(job->rq->arena, tx, c->folder, result->item, &made));
	result->created = made.created;
	return settle(job, c, tx, command, &made);
}
