/*
 * Drafts that a phone writes with Sync. Each is composed before the write transaction, from the draft as it is then; if
 * it has changed meanwhile the request runs once more. A draft that is sent again as it is costs a look and no write.
 */
#include <gateway/activesync/sync_work.h>

#include <gateway/activesync/attachment_ref.h>
#include <gateway/activesync/email.h>
#include <gateway/activesync/email_draft.h>
#include <gateway/activesync/server_id.h>
#include <gateway/mailbox/intake.h>
#include <gateway/mailbox/send.h>
#include <store/folder.h>
#include <store/quota.h>

#include <sys/random.h>

enum { PIECE_BYTES = 16 * 1024 };

struct sync_draft {
	enum err err; /* what is wrong with it; the rest is then without meaning */
	struct email_draft parsed;
	int64_t base;      /* blob of the draft that was changed */
	struct intake *in; /* NULL: no content to store */
	struct store_blob_writer *blob;
	struct wbxml_writer answer; /* fragment: ApplicationData */
	struct buf answer_bytes;
	enum eas_sync_code refused; /* a status of its own; 0: none */
	bool renamed; /* attachments that stay have other references than before: the phone has to be told */
};

struct preparing {
	struct sync_job *job;
	struct sync_work *work;
	struct send_author author;
	struct draft_author by; /* the same, of a draft */
	bool send;              /* the draft is to be sent */
	struct arena scratch;   /* of one draft */
};

static bool is_edit(const struct eas_sync_command *asked)
{
	return (asked->kind == EAS_SYNC_ADD && !asked->text) || asked->kind == EAS_SYNC_CHANGE;
}

/* ---- before the transaction ---- */

static uint64_t random_number(void)
{
	uint64_t r;

	while (getrandom(&r, sizeof(r), 0) != sizeof(r))
		;
	return r;
}

/*
 * What is added, as parts of the message. One without a Content-ID gets one, so that its reference outlives the edits of
 * the draft.
 */
static enum err name_added(struct preparing *p, struct sync_draft *d)
{
	struct email_draft *parsed = &d->parsed;
	struct compose_part *parts = arena_array(p->job->rq->arena, parsed->files.added_n, sizeof(*parts));

	if (!parts)
		return ERR_BUSY;
	for (size_t i = 0; i < parsed->files.added_n; i++) {
		CLEANUP(buf_release) struct buf id = BUF_INIT(128);

		parts[i] = parsed->files.added[i].part;
		if (parts[i].content_id.n)
			continue;
		buf_fmt(&id, "%016llx.%zu@draft", (unsigned long long)p->by.unique, i);
		if (arena_str(p->job->rq->arena, buf_view(&id), &parts[i].content_id))
			return ERR_BUSY;
	}
	parsed->edit.added = parts;
	parsed->edit.added_n = parsed->files.added_n;
	return ERR_OK;
}

/* The parts that the phone takes away. One that is not there is gone already. */
static enum err find_deleted(struct preparing *p, struct sync_draft *d, int64_t id, const struct message *base)
{
	const struct email_draft *parsed = &d->parsed;
	size_t *parts = arena_array(p->job->rq->arena, parsed->files.deleted_n, sizeof(*parts));
	size_t n = 0;

	if (!parts)
		return ERR_BUSY;
	for (size_t i = 0; i < parsed->files.deleted_n; i++) {
		struct str name;
		int64_t item;

		TRY(attachment_ref_parse(parsed->files.deleted[i], &item, &name) ? ERR_INVALID : ERR_OK);
		if (item == id && !attachment_ref_find(&base->structure, name, &parts[n]))
			n++;
	}
	d->parsed.edit.deleted = parts;
	d->parsed.edit.deleted_n = n;
	return ERR_OK;
}

/* With attachments that are named by their place in the message, an edit gives the others new names. */
static enum err find_renamed(struct preparing *p, struct sync_draft *d, const struct message *base)
{
	struct body_attachment *list;
	size_t n;

	TRY(body_attachments(&p->scratch, &base->structure, 0, &list, &n));
	for (size_t i = 0; i < n; i++)
		d->renamed |= !attachment_ref_lasts(&base->structure, list[i].part);
	return ERR_OK;
}

/* The octets of a draft, and where they go: into the store, and past the judge of what is sent. */
struct draft_sink {
	struct intake *in;  /* NULL: they are there */
	struct send *judge; /* NULL: it is not to be sent */
};

static enum err put_octets(void *ctx, struct str octets)
{
	struct draft_sink *sink = ctx;

	if (sink->judge)
		TRY(send_put(sink->judge, octets));
	return sink->in ? intake_put(sink->in, octets) : ERR_OK;
}

/*
 * What is to be sent has to be fit for it before it is stored: a draft that is told as sent and cannot go would be asked for
 * again and again. MS-ASCMD_R7472: it has somebody to go to, and all of them have addresses.
 */
static enum err judge(struct sync_draft *d, struct send *m)
{
	enum err e = send_look_finish(m);

	if (e == ERR_NOT_FOUND || e == ERR_INVALID)
		d->refused = EAS_SYNC_BAD_RECIPIENTS;
	return d->refused ? ERR_OK : e;
}

/* A draft that is sent as it is. */
static enum err check_base(struct preparing *p, struct sync_draft *d, const struct message *base)
{
	CLEANUP(send_free) struct send *m = NULL;
	char piece[PIECE_BYTES];

	TRY(send_look_new(p->job->rq->eas->sender, &p->author, &m));
	for (uint64_t at = 0; at < base->source.size; at += sizeof(piece)) {
		uint64_t left = base->source.size - at;
		size_t n = left < sizeof(piece) ? (size_t)left : sizeof(piece);

		TRY(mail_source_read(&base->source, at, piece, n));
		TRY(send_put(m, str_from(piece, n)));
	}
	return judge(d, m);
}

static enum err store(struct preparing *p, struct sync_draft *d, const struct message *base)
{
	const struct eas *eas = p->job->rq->eas;
	CLEANUP(send_free) struct send *m = NULL;
	struct draft_sink sink = { 0 };

	TRY(intake_new(store_state_dir(eas->store), INTAKE_MAX_BYTES_DEFAULT, &d->in));
	if (p->send)
		TRY(send_look_new(eas->sender, &p->author, &m));
	sink = (struct draft_sink){ d->in, m };
	TRY(draft_write(&p->scratch, base, &d->parsed.edit, &p->by, (struct body_sink){ put_octets, &sink }));
	TRY(intake_finish(d->in));
	if (m)
		TRY(judge(d, m));
	return intake_store(d->in, eas->store, p->job->rq->mailbox, &d->blob);
}

static enum err open_base(struct preparing *p, struct sync_draft *d, int64_t id, struct message *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct eas_request *rq = p->job->rq;
	struct item item;

	TRY(store_begin(rq->eas->store, rq->mailbox, STORE_READ, &tx));
	TRY(item_get(&p->scratch, tx, p->work->folder, id, &item));
	if (item.flags & ITEM_TEXT) /* what it says stays, and it goes nowhere by mail */
		return ERR_INVALID;
	d->base = item.blob;
	return message_open(&p->scratch, tx, &item, ret);
}

static enum err prepare_change(struct preparing *p, struct sync_draft *d, struct str name)
{
	CLEANUP(message_close) struct message base = { 0 };
	int64_t folder, id;
	bool same;
	enum err e;

	TRY(server_id_parse_item(name, &folder, &id));
	if (folder != p->work->folder)
		return ERR_NOT_FOUND;
	e = open_base(p, d, id, &base);
	if (e == ERR_CORRUPT) /* what the phone has is all there is */
		return store(p, d, NULL);
	TRY(e);
	TRY(find_deleted(p, d, id, &base));
	TRY(draft_unchanged(&p->scratch, &base, &d->parsed.edit, &same));
	if (same)
		return p->send ? check_base(p, d, &base) : ERR_OK;
	TRY(find_renamed(p, d, &base));
	return store(p, d, &base);
}

static enum err check_room(const struct preparing *p, const struct sync_draft *d)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	TRY(store_begin(p->job->rq->eas->store, p->job->rq->mailbox, STORE_READ, &tx));
	e = quota_room(tx, intake_size(d->in));
	return e == ERR_LIMIT ? ERR_QUOTA : e;
}

static enum err prepare_add(struct preparing *p, struct sync_draft *d)
{
	TRY(store(p, d, NULL));
	return check_room(p, d);
}

static enum err prepare_one(struct preparing *p, const struct eas_sync_command *asked, struct sync_draft *d)
{
	struct wbxml_reader data = asked->data;

	TRY(email_draft_parse(p->job->rq->arena, &data, p->job->rq->version, &d->parsed));
	p->by.unique = random_number();
	p->send = asked->send;
	TRY(name_added(p, d));
	if (asked->kind == EAS_SYNC_ADD)
		return prepare_add(p, d);
	return d->parsed.has_content || asked->send ? prepare_change(p, d, asked->id) : ERR_OK;
}

static bool is_fatal(enum err e)
{
	return e == ERR_BUSY || e == ERR_FULL || e == ERR_IO;
}

static enum err prepare_collection(struct preparing *p)
{
	const struct eas_sync_collection *asked = p->work->asked;

	p->work->drafts = arena_array(p->job->rq->arena, asked->commands_n, sizeof(*p->work->drafts));
	if (!p->work->drafts)
		return ERR_BUSY;
	memset(p->work->drafts, 0, asked->commands_n * sizeof(*p->work->drafts));
	for (size_t i = 0; i < asked->commands_n; i++) {
		struct sync_draft *d = &p->work->drafts[i];

		if (!is_edit(&asked->commands[i]))
			continue;
		arena_reset(&p->scratch);
		d->err = prepare_one(p, &asked->commands[i], d);
		if (is_fatal(d->err))
			return d->err;
	}
	return ERR_OK;
}

static enum err load_author(struct preparing *p)
{
	const struct eas_request *rq = p->job->rq;

	TRY(send_author_load(rq->arena, rq->eas->store, rq->account, &p->author));
	p->by = (struct draft_author){ .name = p->author.name,
				       .address = p->author.address,
				       .now_ms = clock_wall_ms(rq->eas->clock) };
	return ERR_OK;
}

static enum err drafts_folder(const struct sync_job *job, int64_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	enum err e;

	TRY(store_begin(job->rq->eas->store, job->rq->mailbox, STORE_READ, &tx));
	e = folder_by_role(tx, FOLDER_DRAFTS, ret);
	if (e == ERR_NOT_FOUND)
		*ret = 0;
	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static bool has_edits(const struct eas_sync_collection *asked)
{
	for (size_t i = 0; i < asked->commands_n; i++)
		if (is_edit(&asked->commands[i]))
			return true;
	return false;
}

static enum err prepare(struct preparing *p)
{
	bool loaded = false;
	int64_t drafts = 0, folder;

	for (size_t i = 0; i < p->job->n; i++) {
		struct sync_work *c = &p->job->work[i];

		if (!has_edits(c->asked) || server_id_parse_folder(c->asked->id, &folder))
			continue;
		if (!loaded) {
			TRY(drafts_folder(p->job, &drafts));
			TRY(load_author(p));
			loaded = true;
		}
		if (folder != drafts)
			continue;
		c->folder = folder;
		p->work = c;
		TRY(prepare_collection(p));
	}
	return ERR_OK;
}

enum err sync_drafts_prepare(struct sync_job *job)
{
	struct preparing p = { .job = job, .scratch = ARENA_INIT(EAS_MAX_ITEM_ARENA_BYTES) };
	enum err e;

	if (job->rq->version < EAS_16_0)
		return ERR_OK;
	e = prepare(&p);
	arena_release(&p.scratch);
	return e;
}

void sync_drafts_release(struct sync_job *job)
{
	for (size_t i = 0; i < job->n; i++) {
		struct sync_work *c = &job->work[i];

		for (size_t k = 0; c->drafts && k < c->asked->commands_n; k++) {
			store_blob_writer_drop(&c->drafts[k].blob);
			intake_free(&c->drafts[k].in);
			email_draft_release(&c->drafts[k].parsed);
			buf_release(&c->drafts[k].answer_bytes);
		}
		c->drafts = NULL;
	}
}

/* ---- in it ---- */

static enum err refuse(const struct sync_draft *d, struct sync_result *result)
{
	result->status = (int)d->refused;
	return ERR_OK;
}

/* Flags and categories, of which none conflicts. */
static enum err apply_flags(struct store_tx *tx, const struct sync_draft *d, int64_t folder, int64_t id,
			    const struct author *by)
{
	struct item_edit edit;

	email_change_edit(&d->parsed.change, &edit);
	return edit.what ? item_update(tx, folder, id, &edit, by) : ERR_OK;
}

enum err sync_draft_add(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			const struct sync_command *command, struct sync_result *result)
{
	const struct author by = sync_line_author(&c->line);
	const struct sync_draft *d = &c->drafts[i];
	struct intake_item row = { .folder = c->folder,
				   .received_ms = clock_wall_ms(job->rq->eas->clock),
				   .flags = ITEM_DRAFT | ITEM_SEEN,
				   .by = by };
	struct item made;

	TRY(d->err);
	if (d->refused)
		return refuse(d, result);
	TRY(intake_add(d->in, tx, d->blob, &row, &result->item));
	result->folder = c->folder;
	TRY(apply_flags(tx, d, c->folder, result->item, &by));
	TRY(item_get(job->rq->arena, tx, c->folder, result->item, &made));
	result->created = made.created;
	return sync_add_settle(tx, &c->line, command, &made);
}

enum err sync_draft_change(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			   struct sync_result *result)
{
	const struct sync_draft *d = &c->drafts[i];
	struct author by = sync_line_author(&c->line);
	struct item item;

	TRY(item_get(job->rq->arena, tx, c->folder, result->item, &item));
	TRY(d->err);
	if (d->refused)
		return refuse(d, result);
	if (d->in && item_conflicts(&item, &by) && c->options.conflict) {
		result->status = EAS_SYNC_CONFLICT;
		return item_refuse(tx, c->folder, item.id);
	}
	TRY(apply_flags(tx, d, c->folder, item.id, &by));
	if (!d->in)
		return ERR_OK;
	if (item.blob != d->base)
		return ERR_STALE;
	by.normalised = d->renamed;
	return intake_edit(d->in, tx, d->blob, &item, &by);
}

/* ---- the answer ---- */

static enum err answer_one(struct sync_job *job, struct sync_work *c, struct sync_draft *d, const struct item *item,
			   struct store_tx *tx, struct arena *scratch)
{
	struct eas_inserts none = { 0 };
	const struct item_view view = { .tx = tx,
					.arena = scratch,
					.version = job->rq->version,
					.options = &c->allowed,
					.container = TAG_AIRSYNC_APPLICATIONDATA,
					.inserts = &none };
	struct email_added *added = arena_array(scratch, d->parsed.files.added_n, sizeof(*added));

	if (!added)
		return ERR_BUSY;
	for (size_t i = 0; i < d->parsed.files.added_n; i++)
		added[i] = (struct email_added){ d->parsed.files.added[i].client_id,
						 d->parsed.files.added[i].part.is_inline };
	d->answer_bytes.max = EAS_MAX_RESPONSE_BYTES;
	wbxml_fragment_init(&d->answer, &d->answer_bytes);
	return email_put_assigned(&d->answer, &view, item, added, d->parsed.files.added_n);
}

/* Of a Change only the attachments are news; all else the phone knows. */
static bool is_answered(const struct eas_sync_command *asked, const struct sync_draft *d)
{
	return !d->err && !asked->text &&
	       (asked->kind == EAS_SYNC_ADD || (asked->kind == EAS_SYNC_CHANGE && d->parsed.files.added_n));
}

enum err sync_drafts_answer(struct sync_job *job, struct sync_work *c, struct store_tx *tx, struct arena *scratch)
{
	for (size_t i = 0, n = 0; c->drafts && i < c->asked->commands_n; i++) {
		const struct eas_sync_command *asked = &c->asked->commands[i];
		struct sync_draft *d = &c->drafts[i];
		const struct sync_result *result;
		struct item item;
		enum err e;

		if (asked->kind == EAS_SYNC_FETCH)
			continue;
		result = &c->results[n++];
		if (result->status != EAS_SYNC_DONE || !is_answered(asked, d))
			continue;
		arena_reset(scratch);
		e = item_get(scratch, tx, c->folder, result->item, &item);
		/* It has gone, or another hand has been there since a first answer that was lost. */
		if (e == ERR_NOT_FOUND || (!e && item.content_by != job->rq->device.id))
			continue;
		if (!e)
			e = answer_one(job, c, d, &item, tx, scratch);
		if (e && e != ERR_CORRUPT && e != ERR_NOT_FOUND)
			return e;
	}
	return ERR_OK;
}

bool sync_draft_speaks(const struct sync_work *c, size_t i)
{
	return c->drafts && c->drafts[i].answer_bytes.n;
}

void sync_draft_put_answer(struct wbxml_writer *w, const struct sync_work *c, size_t i)
{
	if (sync_draft_speaks(c, i))
		wbxml_put_fragment(w, &c->drafts[i].answer);
}
