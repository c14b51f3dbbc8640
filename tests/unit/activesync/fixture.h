/* A server with the ActiveSync route, one account, and a phone (tests/support/server.h, eas_phone.h). */
#ifndef TESTS_UNIT_ACTIVESYNC_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_FIXTURE_H

#include <gateway/activesync/command.h>
#include <gateway/mailbox/send.h>
#include <store/folder.h>
#include <tests/support/eas_phone.h>
#include <tests/support/server.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct fixture {
	struct server server;
	struct eas *eas;
	struct send_service sender; /* its queue is sent from by the test alone */
	struct http_route route;
	struct server_account ann;
	struct eas_phone phone;
	struct arena arena;       /* of the test */
	struct eas_config config; /* set before fixture_start() */
};

#define assert_ok(expr) assert_string_equal(err_text(expr), err_text(ERR_OK))

void fixture_start(struct fixture *f);
void fixture_restart(struct fixture *f); /* the process ends and comes again; phones have to reconnect */
/* The same, with something done to the files meanwhile. */
void fixture_restart_behind(struct fixture *f, void (*deed)(struct fixture *f, void *ctx), void *ctx);
void fixture_stop(struct fixture *f); /* for CLEANUP */
#define FIXTURE(name)                                      \
	CLEANUP(fixture_stop) struct fixture name = { 0 }; \
	fixture_start(&name)

/* In ann's mailbox, each in a transaction of its own, by nobody. */
int64_t fixture_role(struct fixture *f, enum folder_role role);
int64_t fixture_add_folder(struct fixture *f, const char *name, enum folder_class class, int64_t parent);
void fixture_rename_folder(struct fixture *f, int64_t id, const char *name, int64_t parent);
void fixture_delete_folder(struct fixture *f, int64_t id);
int64_t fixture_add_item(struct fixture *f, int64_t folder, int64_t by_device); /* returns its id */
void fixture_read_item(struct fixture *f, int64_t folder, int64_t id);
/* The row of the phone's partnership. */
int64_t fixture_device(struct fixture *f);
/* As if the phone had synced the folder up to now, and shown the key. */
void fixture_sync(struct fixture *f, int64_t folder);

/* As if a Sync of the folder had been answered with a page up to now: its key is issued, not yet shown. */
struct str fixture_issue(struct fixture *f, int64_t folder);
/* As if the phone had shown that key in a Sync that found nothing: the line is read, not written. */
void fixture_show(struct fixture *f, int64_t folder, struct str key);

/* FolderSync with that key. */
struct eas_reply fixture_foldersync(struct fixture *f, const char *key);
/* Key 0, and the key it gave shown back: the phone knows the hierarchy. */
void fixture_learn_hierarchy(struct fixture *f);

#endif
