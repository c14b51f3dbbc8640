/* The phone's state file. */
#include "state.h"

#include "fault.h"
#include "files.h"

#include <base/mem.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { STATE_MAX_BYTES = 16 * 1024 * 1024, KEY_MAX_BYTES = 256, WORD_MAX_BYTES = 4096 };

static const char state_name[] = "state";

struct folder *state_folder(const struct state *s, struct str id)
{
	list_for_each (it, &s->folders) {
		struct folder *f = list_entry(it, struct folder, at);

		if (str_eq(str_of(f->id), id))
			return f;
	}
	return NULL;
}

struct folder *state_folder_named(const struct state *s, struct str name)
{
	list_for_each (it, &s->folders) {
		struct folder *f = list_entry(it, struct folder, at);

		if (str_ieq(str_of(f->name), name))
			return f;
	}
	return state_folder(s, name);
}

struct folder *state_add_folder(struct state *s, struct str id, struct str parent, uint32_t type, struct str name)
{
	struct folder *f = mem_alloc(sizeof(*f));

	f->id = mem_cstr_n(id.p, id.n);
	f->parent = mem_cstr_n(parent.p, parent.n);
	f->name = mem_cstr_n(name.p, name.n);
	f->type = type;
	list_append(&s->folders, &f->at);
	return f;
}

void state_drop_folder(struct folder *f)
{
	list_remove(&f->at);
	free(f->id);
	free(f->parent);
	free(f->name);
	free(f);
}

void state_forget_folders(struct state *s)
{
	while (!list_empty(&s->folders))
		state_drop_folder(list_entry(s->folders.next, struct folder, at));
}

static enum err cut_word(struct str *rest, struct buf *word)
{
	struct str raw;

	buf_clear(word);
	return str_cut(rest, ' ', &raw) ? files_put_unescaped(word, raw) : ERR_INVALID;
}

enum { FOLDER_WORDS = 4 };

static enum err read_folder(struct state *s, struct str rest)
{
	struct buf words[FOLDER_WORDS];
	uint64_t type = 0;
	enum err e = ERR_OK;

	for (size_t i = 0; i < FOLDER_WORDS; i++)
		words[i] = BUF_INIT(WORD_MAX_BYTES);
	for (size_t i = 0; i < FOLDER_WORDS && !e; i++)
		e = cut_word(&rest, &words[i]);
	if (!e)
		e = str_to_u64(buf_view(&words[2]), UINT32_MAX, &type);
	if (!e)
		state_add_folder(s, buf_view(&words[0]), buf_view(&words[1]), (uint32_t)type, buf_view(&words[3]));
	for (size_t i = 0; i < FOLDER_WORDS; i++)
		buf_release(&words[i]);
	return e;
}

static enum err read_line(struct state *s, struct str line)
{
	struct str rest = line, what;
	uint64_t key;

	if (!str_cut(&rest, ' ', &what))
		return ERR_INVALID;
	if (str_eq(what, S("folder")))
		return read_folder(s, rest);
	if (str_eq(what, S("hierarchy")))
		return cut_word(&rest, &s->hierarchy_key);
	if (!str_eq(what, S("policy")))
		return ERR_INVALID;
	TRY(str_to_u64(rest, UINT32_MAX, &key));
	s->policy_key = (uint32_t)key;
	return ERR_OK;
}

enum err state_open(struct state *s, const char *path, struct buf *why)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(STATE_MAX_BYTES);
	struct str rest, line;

	*s = (struct state){ .hierarchy_key = BUF_INIT(KEY_MAX_BYTES), .dir = files_open_dir(AT_FDCWD, path, why) };
	list_init(&s->folders);
	buf_cstr(&s->hierarchy_key, "0");
	if (s->dir < 0)
		return ERR_IO;
	TRY(files_read(s->dir, state_name, &bytes, why));
	rest = buf_view(&bytes);
	while (str_cut(&rest, '\n', &line))
		if (line.n && read_line(s, line))
			return fault_err(why, ERR_CORRUPT, "the phone's state is damaged: " STR_FMT, STR_ARG(line));
	return ERR_OK;
}

void state_close(struct state *s)
{
	if (!s->folders.next)
		return;
	state_forget_folders(s);
	buf_release(&s->hierarchy_key);
	if (s->dir >= 0)
		close(s->dir);
	*s = (struct state){ 0 };
}

static void put_word(struct buf *b, const char *word)
{
	buf_char(b, ' ');
	files_put_escaped(b, str_of(word));
}

enum err state_save(const struct state *s, struct buf *why)
{
	CLEANUP(buf_release) struct buf b = BUF_INIT(STATE_MAX_BYTES);

	buf_fmt(&b, "policy %u\nhierarchy ", s->policy_key);
	files_put_escaped(&b, buf_view(&s->hierarchy_key));
	buf_char(&b, '\n');
	list_for_each (it, &s->folders) {
		const struct folder *f = list_entry(it, struct folder, at);

		buf_cstr(&b, "folder");
		put_word(&b, f->id);
		put_word(&b, f->parent);
		buf_fmt(&b, " %u", f->type);
		put_word(&b, f->name);
		buf_char(&b, '\n');
	}
	if (buf_status(&b))
		return fault_err(why, ERR_LIMIT, "too many folders to remember");
	return files_replace(s->dir, state_name, buf_view(&b), why);
}
