/* status and list: what the phone has, without asking the server. */
#include "commands.h"

#include "files.h"

#include <stdio.h>

enum { DIR_MAX_BYTES = 1024, ITEM_MAX_BYTES = 64 * 1024 * 1024 };

typedef enum err show(struct phone *p, const struct folder *f, const struct mailbox *m);

static enum err for_each_folder(struct phone *p, bool selected_only, show *show_one)
{
	list_for_each (it, &p->state.folders) {
		const struct folder *f = list_entry(it, struct folder, at);
		struct mailbox m;
		enum err e;

		if (selected_only && p->settings.folder &&
		    f != state_folder_named(&p->state, str_of(p->settings.folder)))
			continue;
		e = mailbox_open(&m, p->state.dir, str_of(f->id), &p->why);
		if (!e)
			e = show_one(p, f, &m);
		mailbox_close(&m);
		TRY(e);
	}
	return ERR_OK;
}

static enum err show_folder(struct phone *p, const struct folder *f, const struct mailbox *m)
{
	printf("folder %s\tparent %s\ttype %u\t%zu %s\tkey " STR_FMT "\t%s\n", f->id, f->parent, f->type,
	       table_count(m->messages), folder_class(f->type) == CLASS_MAIL ? "messages" : "items",
	       STR_ARG(buf_view(&m->key)), f->name);
	(void)p;
	return ERR_OK;
}

enum err command_status(struct phone *p)
{
	printf("policy key %u\nhierarchy key " STR_FMT "\n", p->state.policy_key,
	       STR_ARG(buf_view(&p->state.hierarchy_key)));
	return for_each_folder(p, false, show_folder);
}

/* Of what is no mail, the line that says when, what and with whom. */
static enum err put_summary(struct phone *p, const struct folder *f, const struct mailbox *m, const struct message *msg,
			    struct buf *to)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(ITEM_MAX_BYTES);

	if (folder_class(f->type) == CLASS_MAIL)
		return ERR_OK;
	TRY(files_read(m->dir, msg->file, &text, &p->why));
	pim_put_summary(to, folder_class(f->type), buf_view(&text));
	return buf_status(to);
}

static void print_message(const struct folder *f, const struct message *msg, struct str summary)
{
	CLEANUP(buf_release) struct buf dir = BUF_INIT(DIR_MAX_BYTES);

	files_put_escaped(&dir, str_of(f->id));
	printf("%s\t" STR_FMT "/%s\t", msg->server_id, STR_ARG(buf_view(&dir)), msg->file);
	if (folder_class(f->type) == CLASS_MAIL)
		printf("%s\tflag %u%s\n", msg->read ? "read" : "unread", msg->flag,
		       msg->truncated ? "\ttruncated" : "");
	else
		printf(STR_FMT "\n", STR_ARG(summary));
}

static enum err show_messages(struct phone *p, const struct folder *f, const struct mailbox *m)
{
	struct str key;
	void *value;

	for (size_t at = 0; table_next(m->messages, &at, &key, &value);) {
		CLEANUP(buf_release) struct buf summary = BUF_INIT(ITEM_MAX_BYTES);

		TRY(put_summary(p, f, m, value, &summary));
		print_message(f, value, buf_view(&summary));
	}
	return ERR_OK;
}

enum err command_list(struct phone *p)
{
	return for_each_folder(p, true, show_messages);
}
