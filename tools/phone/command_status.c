/* status and list: what the phone has, without asking the server. */
#include "commands.h"

#include "files.h"

#include <stdio.h>

enum { DIR_MAX_BYTES = 1024 };

typedef void show(const struct folder *f, const struct mailbox *m);

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
			show_one(f, &m);
		mailbox_close(&m);
		TRY(e);
	}
	return ERR_OK;
}

static void show_folder(const struct folder *f, const struct mailbox *m)
{
	printf("folder %s\tparent %s\ttype %u\t%zu messages\tkey " STR_FMT "\t%s\n", f->id, f->parent, f->type,
	       table_count(m->messages), STR_ARG(buf_view(&m->key)), f->name);
}

enum err command_status(struct phone *p)
{
	printf("policy key %u\nhierarchy key " STR_FMT "\n", p->state.policy_key,
	       STR_ARG(buf_view(&p->state.hierarchy_key)));
	return for_each_folder(p, false, show_folder);
}

static void show_messages(const struct folder *f, const struct mailbox *m)
{
	struct str key;
	void *value;

	for (size_t at = 0; table_next(m->messages, &at, &key, &value);) {
		const struct message *msg = value;
		struct buf dir = BUF_INIT(DIR_MAX_BYTES);

		files_put_escaped(&dir, str_of(f->id));
		printf("%s\t" STR_FMT "/%s\t%s\tflag %u%s\n", msg->server_id, STR_ARG(buf_view(&dir)), msg->file,
		       msg->read ? "read" : "unread", msg->flag, msg->truncated ? "\ttruncated" : "");
		buf_release(&dir);
	}
}

enum err command_list(struct phone *p)
{
	return for_each_folder(p, true, show_messages);
}
