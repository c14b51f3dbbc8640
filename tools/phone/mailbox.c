/* The phone's copy of a folder. */
#include "mailbox.h"

#include "fault.h"
#include "files.h"

#include <base/mem.h>

#include <stdlib.h>
#include <unistd.h>

enum {
	WORD_MAX_BYTES = 1024,
	JOURNAL_MAX_BYTES = 1024 * 1024 * 1024,
};

static const char index_name[] = "index";

struct message *mailbox_find(const struct mailbox *m, struct str server_id)
{
	return table_get(m->messages, server_id);
}

static void message_free(struct message *msg)
{
	free(msg->server_id);
	free(msg->file);
	free(msg);
}

static struct message *remember(struct mailbox *m, struct str server_id, struct str file, bool truncated)
{
	struct message *msg = mem_alloc(sizeof(*msg));

	msg->server_id = mem_cstr_n(server_id.p, server_id.n);
	msg->file = mem_cstr_n(file.p, file.n);
	msg->truncated = truncated;
	table_set(m->messages, server_id, msg);
	return msg;
}

static void forget(struct mailbox *m, struct message *msg)
{
	table_remove(m->messages, str_of(msg->server_id));
	message_free(msg);
}

static void forget_all(struct mailbox *m)
{
	struct str key;
	void *value;

	for (size_t at = 0; table_next(m->messages, &at, &key, &value);)
		message_free(value);
	table_free(&m->messages);
}

/* The journal */

struct words {
	struct buf id; /* unescaped */
	struct str second, third;
};

static enum err cut_words(struct str line, struct words *w)
{
	struct str rest = str_slice(line, 2, line.n), id;

	buf_clear(&w->id);
	w->second = w->third = STR_EMPTY;
	if (!str_cut(&rest, ' ', &id))
		return ERR_INVALID;
	TRY(files_put_unescaped(&w->id, id));
	if (str_cut(&rest, ' ', &w->second))
		str_cut(&rest, ' ', &w->third);
	return ERR_OK;
}

static enum err replay_line(struct mailbox *m, struct str line, struct words *w)
{
	struct message *msg;
	uint64_t v = 0;

	TRY(cut_words(line, w));
	msg = mailbox_find(m, buf_view(&w->id));
	switch (line.p[0]) {
	case '+':
		if (msg)
			return ERR_EXISTS;
		remember(m, buf_view(&w->id), w->second, str_eq(w->third, S("1")));
		return ERR_OK;
	case 'k':
		buf_clear(&m->key);
		buf_str(&m->key, buf_view(&w->id));
		return buf_status(&m->key);
	default:
		if (!msg)
			return ERR_NOT_FOUND;
	}
	if (line.p[0] == '-') {
		forget(m, msg);
		return ERR_OK;
	}
	TRY(str_to_u64(w->second, UINT32_MAX, &v));
	if (line.p[0] == 'r')
		msg->read = v;
	else
		msg->flag = (uint32_t)v;
	return ERR_OK;
}

/* Up to the end of the last line that begins with 'k'. */
static struct str committed(struct str journal)
{
	size_t end = 0;
	struct str rest = journal, line;

	while (str_cut(&rest, '\n', &line) && rest.p)
		if (str_starts(line, S("k ")))
			end = (size_t)(rest.p - journal.p);
	return str_slice(journal, 0, end);
}

static enum err replay(struct mailbox *m, struct str journal, struct buf *why)
{
	struct words w = { .id = BUF_INIT(WORD_MAX_BYTES) };
	struct str rest = journal, line;
	enum err e = ERR_OK;

	while (!e && str_cut(&rest, '\n', &line))
		if (line.n > 2)
			e = replay_line(m, line, &w);
	buf_release(&w.id);
	return e ? fault_err(why, ERR_CORRUPT, "the phone's index is damaged: " STR_FMT, STR_ARG(line)) : ERR_OK;
}

static enum err load(struct mailbox *m, struct buf *why)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(JOURNAL_MAX_BYTES);
	struct str whole;

	TRY(files_read(m->dir, index_name, &bytes, why));
	whole = committed(buf_view(&bytes));
	TRY(replay(m, whole, why));
	return whole.n < bytes.n ? files_replace(m->dir, index_name, whole, why) : ERR_OK;
}

static int open_folder_dir(int store_dir, struct str folder_id, struct buf *why)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(WORD_MAX_BYTES);

	files_put_escaped(&name, folder_id);
	buf_char(&name, '\0');
	if (buf_status(&name)) {
		fault(why, "a CollectionId of %zu bytes", folder_id.n);
		return -1;
	}
	return files_open_dir(store_dir, name.p, why);
}

enum err mailbox_open(struct mailbox *m, int store_dir, struct str folder_id, struct buf *why)
{
	*m = (struct mailbox){ .messages = table_new(),
			       .dir = open_folder_dir(store_dir, folder_id, why),
			       .key = BUF_INIT(MAILBOX_KEY_MAX_BYTES),
			       .journal = BUF_INIT(JOURNAL_MAX_BYTES),
			       .removed = BUF_INIT(JOURNAL_MAX_BYTES) };
	buf_cstr(&m->key, "0");
	return m->dir < 0 ? ERR_IO : load(m, why);
}

void mailbox_close(struct mailbox *m)
{
	if (!m->messages)
		return;
	forget_all(m);
	buf_release(&m->key);
	buf_release(&m->journal);
	buf_release(&m->removed);
	if (m->dir >= 0)
		close(m->dir);
	*m = (struct mailbox){ 0 };
}

static void note(struct mailbox *m, char what, const char *server_id)
{
	buf_char(&m->journal, what);
	buf_char(&m->journal, ' ');
	files_put_escaped(&m->journal, str_of(server_id));
}

static void note_number(struct mailbox *m, char what, const char *server_id, uint32_t v)
{
	note(m, what, server_id);
	buf_fmt(&m->journal, " %u\n", v);
}

/* Changes */

enum err mailbox_add(struct mailbox *m, struct str server_id, const char *extension, struct str contents,
		     bool truncated, struct buf *why)
{
	CLEANUP(buf_release) struct buf name = BUF_INIT(WORD_MAX_BYTES);
	const struct message *msg;

	if (mailbox_find(m, server_id))
		return ERR_EXISTS;
	files_put_escaped(&name, server_id);
	buf_cstr(&name, extension);
	buf_char(&name, '\0');
	if (buf_status(&name))
		return fault(why, "a ServerId of %zu bytes", server_id.n);
	TRY(files_replace(m->dir, name.p, contents, why));
	msg = remember(m, server_id, str_of(name.p), truncated);
	note(m, '+', msg->server_id);
	buf_fmt(&m->journal, " %s %d\n", msg->file, truncated);
	return ERR_OK;
}

enum err mailbox_rewrite(struct mailbox *m, struct message *msg, struct str contents, struct buf *why)
{
	return files_replace(m->dir, msg->file, contents, why);
}

void mailbox_set_read(struct mailbox *m, struct message *msg, bool read)
{
	msg->read = read;
	note_number(m, 'r', msg->server_id, read);
}

void mailbox_set_flag(struct mailbox *m, struct message *msg, uint32_t flag)
{
	msg->flag = flag;
	note_number(m, 'f', msg->server_id, flag);
}

void mailbox_remove(struct mailbox *m, struct message *msg)
{
	buf_put(&m->removed, msg->server_id, strlen(msg->server_id) + 1);
	buf_put(&m->removed, msg->file, strlen(msg->file) + 1);
	note(m, '-', msg->server_id);
	buf_char(&m->journal, '\n');
	forget(m, msg);
}

/* But for those of messages that went and came back in the same response. */
static enum err remove_files(struct mailbox *m, struct buf *why)
{
	for (size_t at = 0; at < m->removed.n;) {
		const char *id = m->removed.p + at, *file = id + strlen(id) + 1;

		if (!mailbox_find(m, str_of(id)))
			TRY(files_remove(m->dir, file, why));
		at += strlen(id) + strlen(file) + 2;
	}
	buf_clear(&m->removed);
	return ERR_OK;
}

enum err mailbox_commit(struct mailbox *m, struct str key, struct buf *why)
{
	buf_cstr(&m->journal, "k ");
	files_put_escaped(&m->journal, key);
	buf_char(&m->journal, '\n');
	if (buf_status(&m->journal) || buf_status(&m->removed))
		return fault(why, "too many changes in one response");
	TRY(files_append(m->dir, index_name, buf_view(&m->journal), why));
	TRY(remove_files(m, why));
	buf_clear(&m->journal);
	buf_clear(&m->key);
	buf_str(&m->key, key);
	return buf_status(&m->key) ? fault(why, "a SyncKey of %zu bytes", key.n) : ERR_OK;
}

enum err mailbox_reset(struct mailbox *m, struct buf *why)
{
	struct str key;
	void *value;

	for (size_t at = 0; table_next(m->messages, &at, &key, &value);)
		TRY(files_remove(m->dir, ((struct message *)value)->file, why));
	forget_all(m);
	m->messages = table_new();
	buf_clear(&m->journal);
	buf_clear(&m->removed);
	buf_clear(&m->key);
	buf_cstr(&m->key, "0");
	return files_replace(m->dir, index_name, STR_EMPTY, why);
}
