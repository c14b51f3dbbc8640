/* Short scenes for the rules' tests: a mailbox with two folders, clients that hold nothing but their keys. */
#ifndef TESTS_STORE_SCENE_H
#define TESTS_STORE_SCENE_H

#include "phones.h"

enum { ANN = 1, BOB = 2 }; /* devices of one account */

struct scene {
	struct lives lives;
	struct world w;
	struct exchange x; /* the last one */
};
void scene_open(struct scene *s);
void scene_close(struct scene *s);
#define SCENE(name)                                     \
	CLEANUP(scene_close) struct scene name = { 0 }; \
	scene_open(&name)

struct client {
	struct scene *s;
	int64_t device;
	char key[2][SYNC_KEY_MAX + 1];
	size_t window;
	int64_t goal;
	int32_t filter;
	bool server_wins;
};
struct client client_new(struct scene *s, int64_t device);
/* A request of folder f; the answer is in s->x. */
void ask(struct client *c, int f, struct command *commands, size_t n);
void take(struct client *c, int f); /* the answer arrived */
/* From key 0 until there is nothing more. */
void client_begin(struct client *c, int f);

struct command add(const char *client_id, int64_t v);
struct command change(struct sid sid, int64_t v);
struct command change_read(struct sid sid, int64_t r);
struct command removal(struct sid sid);
#define ASK(c, f, ...)                                   \
	ask((c), (f), (struct command[]){ __VA_ARGS__ }, \
	    sizeof((struct command[]){ __VA_ARGS__ }) / sizeof(struct command))
#define ASK_NOTHING(c, f) ask((c), (f), NULL, 0)

/* Deeds of nobody's device. */
struct sid make(struct scene *s, int f, int64_t key);
void edit(struct scene *s, struct sid sid);
void rekey(struct scene *s, struct sid sid, int64_t key);
void expunge(struct scene *s, struct sid sid);
struct sid move(struct scene *s, struct sid sid, int64_t device);
size_t count_items(struct scene *s, int f);

struct expected {
	enum feed_kind kind;
	struct sid sid;
};
void assert_page(const struct scene *s, const struct expected *e, size_t n);
#define ASSERT_PAGE(s, ...)                                  \
	assert_page((s), (struct expected[]){ __VA_ARGS__ }, \
		    sizeof((struct expected[]){ __VA_ARGS__ }) / sizeof(struct expected))
#define ASSERT_PAGE_EMPTY(s) assert_page((s), NULL, 0)

#endif
