/* A store with accounts ann and bob, the way into the queue and the queue's side of it, on a clock that stands still. */
#ifndef TESTS_UNIT_OUTBOUND_SCENE_H
#define TESTS_UNIT_OUTBOUND_SCENE_H

#include <gateway/outbound/outbound.h>
#include <store/folder.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))
#define assert_err(expr, expected) assert_string_equal(err_text(expr), err_text(expected))

struct scene {
	struct server s;
	struct arena a;
	struct server_account ann, bob;
	struct send_service service;
	struct send_author author;        /* ann */
	const struct relay_config *relay; /* set before scene_start() */
	struct outbound *outbound;
	unsigned names; /* given so far */
};

void scene_open(struct scene *c);
void scene_start(struct scene *c); /* with c->relay; ends what ran before */
void scene_close(struct scene *c);
#define SCENE(c)                                     \
	CLEANUP(scene_close) struct scene c = { 0 }; \
	scene_open(&c);                              \
	scene_start(&c)

/* From ann: to the recipients of the header, or to those of args. Returns the entry. */
int64_t scene_send(struct scene *c, const char *text);
int64_t scene_send_with(struct scene *c, const char *text, struct send_args args);
/* All that is due. */
void scene_run(struct scene *c);
void scene_advance(struct scene *c, int64_t ms);

struct queue_entry scene_entry(struct scene *c, int64_t id);
size_t scene_open_entries(struct scene *c);
/* What lies in a folder, oldest first. */
size_t scene_items(struct scene *c, int64_t mailbox, enum folder_role role, struct item **ret);
/* The octets of the n-th one. */
struct str scene_text(struct scene *c, int64_t mailbox, enum folder_role role, size_t n);
#define assert_has(text, part) assert_has_((text), (part), __FILE__, __LINE__)
void assert_has_(struct str text, const char *part, const char *file, int line);
#define assert_lacks(text, part) assert_true(str_find((text), str_of(part)) == (text).n)

#endif
