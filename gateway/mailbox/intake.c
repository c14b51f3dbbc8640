/* Messages on their way in. */
#include <gateway/mailbox/intake.h>

#include <base/fd.h>
#include <base/mem.h>
#include <gateway/content/crlf.h>
#include <gateway/content/imap_shape.h>
#include <gateway/content/mime.h>
#include <gateway/content/summary.h>
#include <gateway/mailbox/blind.h>
#include <gateway/mailbox/conversation.h>
#include <gateway/mailbox/meeting.h>
#include <gateway/mailbox/message.h>
#include <gateway/mailbox/substitute.h>
#include <store/blob_shape.h>
#include <store/folder.h>
#include <store/quota.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	PIECE_BYTES = 32 * 1024,        /* octets converted and passed on at once */
	ARENA_BYTES = 16 * 1024 * 1024, /* structure and summary; the parser's own limits keep well below */
};

struct intake {
	const char *state_dir;
	uint64_t size, max;
	enum err err; /* sticky */
	bool finished;
	struct crlf_stream crlf;
	struct buf memory; /* the octets, while they are few */
	int fd;            /* the spool, once they are many; -1 */
	struct mime_parser *parser;
	struct arena arena;
	struct mime_structure structure;
	struct mail_summary summary;
	struct imap_shape shape; /* .envelope.p NULL: too odd to keep */
};

enum err intake_new(const char *state_dir, uint64_t max_bytes, struct intake **ret)
{
	struct intake *in = mem_alloc(sizeof(*in));

	in->state_dir = state_dir;
	in->max = max_bytes;
	in->memory = BUF_INIT(INTAKE_MEMORY_MAX);
	in->fd = -1;
	in->arena = ARENA_INIT(ARENA_BYTES);
	in->parser = mime_parser_new(&in->arena);
	*ret = in;
	return ERR_OK;
}

void intake_free(struct intake **ip)
{
	struct intake *in = *ip;

	if (!in)
		return;
	mime_parser_free(&in->parser);
	arena_release(&in->arena);
	buf_release(&in->memory);
	if (in->fd >= 0)
		close(in->fd);
	free(in);
	*ip = NULL;
}

/* For file systems that know no O_TMPFILE: a name for a moment. */
static int open_named(const char *state_dir)
{
	struct buf path = BUF_INIT(PATH_MAX);
	int fd = -1;

	buf_fmt(&path, "%s/spool-XXXXXX", state_dir);
	buf_char(&path, '\0');
	if (!buf_status(&path))
		fd = mkostemp(path.p, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path.p);
	buf_release(&path);
	return fd;
}

/* Moves what memory holds into a file without a name, so that a crash leaves nothing behind. */
static enum err spill(struct intake *in)
{
	in->fd = open(in->state_dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (in->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		in->fd = open_named(in->state_dir);
	if (in->fd < 0)
		return errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
	TRY(fd_write_all(in->fd, buf_view(&in->memory)));
	buf_release(&in->memory);
	return ERR_OK;
}

static enum err spool(struct intake *in, struct str octets)
{
	if (octets.n > in->max - in->size)
		return ERR_LIMIT;
	if (in->fd < 0 && octets.n > INTAKE_MEMORY_MAX - in->memory.n)
		TRY(spill(in));
	if (in->fd >= 0) {
		TRY(fd_write_all(in->fd, octets));
	} else {
		buf_str(&in->memory, octets);
		TRY(buf_status(&in->memory));
	}
	in->size += octets.n;
	return ERR_OK;
}

enum err intake_put(struct intake *in, struct str octets)
{
	struct buf converted = BUF_INIT(2 * PIECE_BYTES);

	assert(!in->finished);
	while (!in->err && octets.n) {
		struct str piece = str_slice(octets, 0, PIECE_BYTES);

		octets = str_slice(octets, piece.n, octets.n);
		buf_clear(&converted);
		crlf_put(&in->crlf, &converted, piece);
		in->err = buf_status(&converted);
		if (!in->err)
			in->err = spool(in, buf_view(&converted));
		if (!in->err)
			mime_parser_put(in->parser, buf_view(&converted));
	}
	buf_release(&converted);
	return in->err;
}

enum err intake_put_blob(struct intake *in, struct store_blob *blob)
{
	char *piece = mem_alloc(PIECE_BYTES);
	enum err e = ERR_OK;
	size_t got = 1;

	for (uint64_t off = 0; !e && got > 0; off += got) {
		e = store_blob_read(blob, off, piece, PIECE_BYTES, &got);
		if (!e)
			e = intake_put(in, str_from(piece, got));
	}
	free(piece);
	return e;
}

static enum err read_memory(struct intake *in, uint64_t off, void *p, size_t n, size_t *got)
{
	struct str part = off < in->memory.n ? str_slice(buf_view(&in->memory), (size_t)off, in->memory.n) : STR_EMPTY;

	*got = part.n < n ? part.n : n;
	if (*got)
		memcpy(p, part.p, *got);
	return ERR_OK;
}

static enum err read_spool(void *ctx, uint64_t off, void *p, size_t n, size_t *got)
{
	struct intake *in = ctx;
	ssize_t r;

	if (in->fd < 0)
		return read_memory(in, off, p, n, got);
	*got = 0;
	while (*got < n) {
		r = pread(in->fd, (char *)p + *got, n - *got, (off_t)(off + *got));
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return ERR_IO;
		if (r == 0)
			break;
		*got += (size_t)r;
	}
	return ERR_OK;
}

struct mail_source intake_source(struct intake *in)
{
	return (struct mail_source){ read_spool, in, in->size };
}

/* What is too large to keep is made anew by who asks for it. */
static enum err make_shape(struct intake *in, const struct mail_source *source)
{
	enum err e = imap_shape_make(&in->arena, source, &in->structure, IMAP_SHAPE_KEPT_MAX, &in->shape);

	return e == ERR_LIMIT ? ERR_OK : e;
}

enum err intake_finish(struct intake *in)
{
	struct mail_source source = intake_source(in);

	if (!in->err)
		in->err = mime_parser_finish(in->parser, &in->structure);
	if (!in->err)
		in->err = mail_summary_make(&in->arena, &source, &in->structure, &in->summary);
	if (!in->err)
		in->err = make_shape(in, &source);
	in->finished = true;
	mime_parser_free(&in->parser);
	return in->err;
}

uint64_t intake_size(const struct intake *in)
{
	return in->size;
}

const struct mime_structure *intake_structure(const struct intake *in)
{
	return &in->structure;
}

const struct mail_summary *intake_summary(const struct intake *in)
{
	return &in->summary;
}

enum err intake_header(struct arena *a, struct intake *in, struct str *ret)
{
	const struct mime_part *root = &in->structure.parts[0];
	const struct mail_source source = intake_source(in);
	char *header;

	if (root->hdr_len > SUMMARY_HEADER_MAX)
		return ERR_LIMIT;
	header = arena_alloc(a, (size_t)root->hdr_len + 1);
	if (!header)
		return ERR_LIMIT;
	TRY(mail_source_read(&source, root->hdr_off, header, (size_t)root->hdr_len));
	*ret = str_from(header, (size_t)root->hdr_len);
	return ERR_OK;
}

void intake_set_blind(struct intake *in, bool blind)
{
	in->summary.flags = (in->summary.flags & ~(uint32_t)MAIL_BLIND) | (blind ? MAIL_BLIND : 0);
}

void intake_set_request(struct intake *in, enum mail_request is)
{
	in->summary.flags &= ~((uint32_t)MAIL_REQUEST_MASK << MAIL_REQUEST_SHIFT);
	in->summary.flags |= (uint32_t)is << MAIL_REQUEST_SHIFT;
}

int64_t intake_date_ms(const struct intake *in)
{
	return in->summary.flags & MAIL_HAS_DATE ? in->summary.date_ms : 0;
}

static bool has_eight(struct str s)
{
	unsigned char all = 0;

	for (size_t i = 0; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return all & 0x80;
}

enum err intake_copy(struct intake *in, uint64_t from, struct store_blob_writer *w, bool *ret_eight)
{
	char *piece = mem_alloc(PIECE_BYTES);
	enum err e = ERR_OK;

	*ret_eight = false;
	for (uint64_t off = from; !e && off < in->size;) {
		size_t got;

		e = read_spool(in, off, piece, PIECE_BYTES, &got);
		if (!e && got == 0)
			e = ERR_IO;
		if (!e)
			e = store_blob_write(w, str_from(piece, got));
		off += got;
		*ret_eight |= has_eight(str_from(piece, got));
	}
	free(piece);
	return e ? e : store_blob_finish(w);
}

enum err intake_store(struct intake *in, struct store *s, int64_t mailbox, struct store_blob_writer **ret)
{
	struct store_blob_writer *w;
	bool unused;
	enum err e;

	assert(in->finished);
	TRY(in->err);
	TRY(store_blob_writer_new(s, mailbox, &w));
	e = intake_copy(in, 0, w, &unused);
	if (e) {
		store_blob_writer_drop(&w);
		return e;
	}
	*ret = w;
	return ERR_OK;
}

static enum err put_summary(struct intake *in, struct store_tx *tx, int64_t id)
{
	struct buf summary = BUF_INIT(ITEM_SUMMARY_MAX), structure = BUF_INIT(ITEM_STRUCTURE_MAX);
	enum err e;

	mail_summary_put(&summary, &in->summary);
	mime_structure_put(&structure, &in->structure);
	e = buf_status(&summary);
	if (!e)
		e = buf_status(&structure);
	if (!e)
		e = item_summary_put(tx, id,
				     &(struct item_summary){ .parser_version = MIME_PARSER_VERSION,
							     .summary = buf_view(&summary),
							     .structure = buf_view(&structure) });
	else if (e == ERR_LIMIT)
		e = ERR_OK; /* too odd to keep: readers parse such a message anew (message_open) */
	buf_release(&summary);
	buf_release(&structure);
	return e;
}

static enum err join_conversation(struct intake *in, struct store_tx *tx, const struct store_blob_writer *blob,
				  int64_t received_ms, struct conversation *ret)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	const struct mail_source source = intake_source(in);
	const struct conversation_source from = {
		.source = &source,
		.structure = &in->structure,
		.summary = &in->summary,
		.salt = str_from(store_blob_writer_sha256(blob), STORE_BLOB_HASH_SIZE),
		.sent_ms = received_ms,
	};
	struct conversation_facts facts;

	TRY(conversation_read(&a, &from, &facts));
	return conversation_join(tx, &facts, ret);
}

/* MS-ASCON_R130, R172: what comes later to a conversation that is always moved. */
static enum err choose_folder(struct store_tx *tx, const struct conversation *c, int64_t *folder)
{
	enum err e = conversation_always(tx, str_from(c->id, CONVERSATION_SIZE), folder);

	return e == ERR_NOT_FOUND ? ERR_OK : e;
}

static enum err put_shape(struct intake *in, struct store_tx *tx, int64_t blob)
{
	const struct blob_shape shape = { .version = IMAP_SHAPE_VERSION,
					  .envelope = in->shape.envelope,
					  .structure = in->shape.structure,
					  .fields = in->shape.fields };

	return shape.envelope.p ? blob_shape_put(tx, blob, &shape) : ERR_OK;
}

enum err intake_add(struct intake *in, struct store_tx *tx, struct store_blob_writer *blob,
		    const struct intake_item *item, int64_t *ret_id)
{
	struct item_new row = { .folder = item->folder,
				.size = in->size,
				.key = item->received_ms,
				.received_ms = item->received_ms,
				.flags = item->flags,
				.keywords = item->keywords,
				.by = item->by };
	struct conversation conversation;
	uint64_t present = 0;
	struct item added;

	if (item->occurrence)
		TRY(item_count_octets(tx, item->incoming ? 0 : item->folder, store_blob_writer_sha256(blob), &present));
	if (item->occurrence && present >= item->occurrence) {
		*ret_id = 0;
		return ERR_OK;
	}
	TRY(join_conversation(in, tx, blob, item->received_ms, &conversation));
	row.conversation = str_from(conversation.id, CONVERSATION_SIZE);
	row.conversation_index = str_from(conversation.index, conversation.index_n);
	if (item->incoming)
		TRY(choose_folder(tx, &conversation, &row.folder));
	TRY(store_blob_attach(tx, blob, &row.blob));
	TRY(item_add(tx, &row, &added));
	TRY(put_summary(in, tx, added.id));
	TRY(put_shape(in, tx, row.blob));
	*ret_id = added.id;
	return ERR_OK;
}

enum err intake_edit(struct intake *in, struct store_tx *tx, struct store_blob_writer *blob, const struct item *item,
		     const struct author *by)
{
	struct item_edit edit = { .what = ITEM_EDIT_CONTENT, .size = in->size };

	TRY(store_blob_attach(tx, blob, &edit.blob));
	if (edit.blob == item->blob)
		return ERR_OK;
	TRY(item_update(tx, item->folder, item->id, &edit, by));
	TRY(put_shape(in, tx, edit.blob));
	return put_summary(in, tx, item->id);
}

enum err intake_calendar(struct arena *a, struct intake *in, struct str *ret)
{
	const struct mail_source source = intake_source(in);

	return message_calendar(a, &source, &in->structure, ret);
}

static enum err add_to_inbox(struct intake *in, struct store *s, int64_t mailbox, struct store_blob_writer *blob,
			     struct intake_item item)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t id;

	TRY(store_begin(s, mailbox, STORE_WRITE, &tx));
	TRY(folder_by_role(tx, FOLDER_INBOX, &item.folder));
	TRY(quota_room(tx, in->size));
	TRY(intake_add(in, tx, blob, &item, &id));
	return store_commit(&tx);
}

bool intake_consider(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms)
{
	bool taken = meeting_consider(in, s, mailbox);

	if (substitute_consider(in, s, mailbox, received_ms, taken))
		return false;
	blind_consider(in, s, mailbox);
	return true;
}

enum err intake_deliver(struct intake *in, struct store *s, int64_t mailbox, int64_t received_ms)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *blob = NULL;

	if (!intake_consider(in, s, mailbox, received_ms))
		return ERR_OK;
	TRY(intake_store(in, s, mailbox, &blob));
	return add_to_inbox(in, s, mailbox, blob, (struct intake_item){ .received_ms = received_ms, .incoming = true });
}
