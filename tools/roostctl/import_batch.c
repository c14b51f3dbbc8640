#include <tools/roostctl/import_batch.h>

#include <base/mem.h>
#include <gateway/mailbox/intake.h>
#include <tools/roostctl/occurrences.h>

#include <assert.h>
#include <stdlib.h>

struct pending {
	struct intake *intake;
	struct store_blob_writer *blob;
	struct intake_item item;
};

struct batch {
	struct store *store;
	const char *state_dir;
	int64_t mailbox;
	uint64_t message_max;
	struct intake *open; /* between begin and end */
	struct pending pending[BATCH_MAILS_MAX];
	size_t n;
	uint64_t bytes;
	struct occurrences *seen;
	struct batch_counts counts;
};

struct batch *batch_new(struct store *s, const char *state_dir, int64_t mailbox, uint64_t message_max)
{
	struct batch *b = mem_alloc(sizeof(*b));

	b->store = s;
	b->state_dir = state_dir;
	b->mailbox = mailbox;
	b->message_max = message_max;
	b->seen = occurrences_new();
	return b;
}

static void forget_pending(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		store_blob_writer_drop(&b->pending[i].blob);
		intake_free(&b->pending[i].intake);
	}
	b->n = 0;
	b->bytes = 0;
}

void batch_free(struct batch **bp)
{
	struct batch *b = *bp;

	if (!b)
		return;
	batch_drop(b);
	forget_pending(b);
	occurrences_free(&b->seen);
	free(b);
	*bp = NULL;
}

enum err batch_begin(struct batch *b)
{
	assert(!b->open);
	return intake_new(b->state_dir, b->message_max, &b->open);
}

enum err batch_put(struct batch *b, struct str octets)
{
	return intake_put(b->open, octets);
}

void batch_drop(struct batch *b)
{
	intake_free(&b->open);
}

static int64_t received_ms(const struct batch *b, const struct import_mail *mail)
{
	int64_t now = clock_wall_ms(clock_real()), ms = mail->received_ms;

	if (ms == 0)
		ms = intake_date_ms(b->open);
	if (ms == 0)
		ms = mail->otherwise_ms;
	return ms == 0 || ms > now ? now : ms;
}

enum err batch_end(struct batch *b, const struct import_mail *mail)
{
	struct pending *p = &b->pending[b->n];

	TRY(intake_finish(b->open));
	TRY(intake_store(b->open, b->store, b->mailbox, &p->blob));
	p->item = (struct intake_item){
		.folder = mail->folder,
		.received_ms = received_ms(b, mail),
		.flags = mail->flags,
		.occurrence = occurrences_add(b->seen, mail->folder, store_blob_writer_sha256(p->blob)),
	};
	p->intake = b->open;
	b->open = NULL;
	b->n++;
	b->bytes += intake_size(p->intake);
	return b->n == BATCH_MAILS_MAX || b->bytes >= BATCH_BYTES_MAX ? batch_commit(b) : ERR_OK;
}

static enum err add_pending(struct batch *b, struct batch_counts *counts)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(b->store, b->mailbox, STORE_WRITE, &tx));
	for (size_t i = 0; i < b->n; i++) {
		struct pending *p = &b->pending[i];
		int64_t id;

		TRY(intake_add(p->intake, tx, p->blob, &p->item, &id));
		counts->added += id != 0;
		counts->known += id == 0;
		counts->bytes += id ? intake_size(p->intake) : 0;
	}
	return store_commit(&tx);
}

enum err batch_commit(struct batch *b)
{
	struct batch_counts counts = b->counts;
	enum err e = b->n ? add_pending(b, &counts) : ERR_OK;

	if (!e)
		b->counts = counts;
	forget_pending(b);
	return e;
}

struct batch_counts batch_counts(const struct batch *b)
{
	return b->counts;
}
