/* What NOTIFY's parts share: its words (cmd_notify.c), and what they bring about (notify.c). */
#ifndef GATEWAY_IMAP_NOTIFY_INTERNAL_H
#define GATEWAY_IMAP_NOTIFY_INTERNAL_H

#include <gateway/imap/fetch.h>
#include <gateway/imap/notify.h>

enum imap_event {
	IMAP_EVENT_NEW = 1u << 0,
	IMAP_EVENT_EXPUNGE = 1u << 1,
	IMAP_EVENT_FLAGS = 1u << 2,
	IMAP_EVENT_NAME = 1u << 3,
	IMAP_EVENT_SUBSCRIPTION = 1u << 4,
};

enum imap_notify_where {
	IMAP_NOTIFY_INBOXES,
	IMAP_NOTIFY_PERSONAL,
	IMAP_NOTIFY_SUBSCRIBED,
	IMAP_NOTIFY_SUBTREE,
	IMAP_NOTIFY_MAILBOXES,
};

struct imap_notify_group {
	enum imap_notify_where where;
	unsigned events;
	struct str *names; /* as the client wrote them, then as paths */
	size_t names_n;
};

struct imap_notify_args {
	bool set, status;
	bool has_selected, delayed;
	bool too_many, unknown_event;
	unsigned selected; /* events of the selected mailbox */
	struct str fetch;  /* "(UID BODY.PEEK[])", or empty */
	struct imap_notify_group groups[IMAP_MAX_NOTIFY_GROUPS];
	size_t groups_n, names_n;
};

/* NO, with the events that there are. */
enum imap_next imap_notify_refuse_events(struct imap_command *c);

#endif
