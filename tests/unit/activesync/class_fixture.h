/* Requests with items of contacts, tasks and notes: ApplicationData from a short form of XML (sync_fixture.h). */
#ifndef TESTS_UNIT_ACTIVESYNC_CLASS_FIXTURE_H
#define TESTS_UNIT_ACTIVESYNC_CLASS_FIXTURE_H

#include "sync_fixture.h"

/*
 * "<Contacts:FirstName>Ann</><Tasks:Body/>" as hex for sync_with(): elements by namespace and name, "</>" ends one; "&lt;" is
 * the sign in a text. It begins and ends in page 0.
 */
char *elements(struct fixture *f, const char *xml);

/* Commands with one Add, Change, Delete or Fetch, as hex. */
char *add_item(struct fixture *f, const char *client, const char *xml);
char *change_item(struct fixture *f, const char *server_id, const char *xml);
char *delete_item(struct fixture *f, const char *server_id);
char *fetch_item(struct fixture *f, const char *server_id);

/* One Sync with those commands, in which nothing else is asked for: *key is that of the answer afterwards. */
struct eas_reply sync_command(struct fixture *f, int64_t folder, const char **key, const char *more);
/* Adds an item, which must succeed; its ServerId. */
const char *added_item(struct fixture *f, int64_t folder, const char **key, const char *client, const char *xml);
/* The octets of the item of that ServerId. */
struct str octets_of(struct fixture *f, const char *server_id);
/* An item with these octets, by nobody. */
int64_t put_octets(struct fixture *f, int64_t folder, const char *octets);

bool holds(const struct eas_reply *r, const char *xml);
/* The answer has that element with that text. */
#define assert_element(r, name, text) assert_element_((r), (name), (text), __FILE__, __LINE__)
void assert_element_(const struct eas_reply *r, const char *name, const char *text, const char *file, int line);

#endif
