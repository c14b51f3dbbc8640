/* Topics: which watches wait for a folder. A topic exists while it has watches. */
#include "registry.h"

#include <base/mem.h>

#include <stdlib.h>

struct topic *topic_find(const struct hash *topics, int64_t mailbox, int64_t folder)
{
	struct hash_node *node = hash_first(topics, hash_of((uint64_t)mailbox, (uint64_t)folder));

	for (; node; node = hash_next(node)) {
		struct topic *t = container_of(node, struct topic, node);

		if (t->mailbox == mailbox && t->folder == folder)
			return t;
	}
	return NULL;
}

static struct topic *topic_get(struct hash *topics, int64_t mailbox, int64_t folder)
{
	struct topic *t = topic_find(topics, mailbox, folder);

	if (t)
		return t;
	t = mem_alloc(sizeof(*t));
	t->mailbox = mailbox;
	t->folder = folder;
	list_init(&t->links);
	hash_add(topics, &t->node, hash_of((uint64_t)mailbox, (uint64_t)folder));
	return t;
}

/* Every link of w is made within one hold of the lock, so a topic that w is linked to already has w as its last. */
static bool linked_to(const struct push_watch *w, const struct topic *t)
{
	return !list_empty(&t->links) && list_entry(t->links.prev, struct topic_link, at)->watch == w;
}

void topic_subscribe(struct hash *topics, struct push_watch *w, int64_t mailbox, int64_t folder)
{
	struct topic *t = topic_get(topics, mailbox, folder);
	struct topic_link *link = &w->links[w->links_n];

	if (linked_to(w, t))
		return;
	*link = (struct topic_link){ .topic = t, .watch = w };
	list_append(&t->links, &link->at);
	w->links_n++;
}

static void unlink_one(struct hash *topics, struct topic_link *link)
{
	list_remove(&link->at);
	if (list_empty(&link->topic->links)) {
		hash_remove(topics, &link->topic->node);
		free(link->topic);
	}
}

void topic_unsubscribe(struct hash *topics, struct push_watch *w)
{
	for (unsigned i = 0; i < w->links_n; i++)
		unlink_one(topics, &w->links[i]);
}
