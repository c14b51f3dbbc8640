/*
 * Sending of mail: SendMail, SmartReply and SmartForward (MS-ASCMD 2.2.1.17, 2.2.1.19, 2.2.1.20), which differ in what the
 * phone's message is joined with. Up to 12.1 the request is the message itself and the query tells of the rest; from
 * 14.0 on it is a document. Success is an empty answer. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_COMPOSE_H
#define GATEWAY_ACTIVESYNC_COMPOSE_H

#include <gateway/activesync/command.h>
#include <gateway/mailbox/message.h>

struct item;
struct queue_name;
struct send;

enum compose_kind { COMPOSE_NEW, COMPOSE_REPLY, COMPOSE_FORWARD };

/* The request as a value; texts borrow from it. */
struct eas_compose {
	enum compose_kind kind;
	struct str mime;
	struct str client_id; /* from 14.0 on; .p NULL before */
	bool save, replace_mime;
	/* What is replied to or forwarded; .p NULL where absent. */
	struct str folder, item, long_id, instance;
	/* An event that is forwarded (compose_forward.c). */
	bool has_forwardees, has_body, forwardees_bad; /* bad: they could not be read */
	struct str *to, *names;
	size_t to_n;
	struct str body; /* plain text */
	/* What is refused. */
	bool has_account_id, has_template;
};

/* EAS_STATUS_OK, or what is answered. */
unsigned eas_compose_parse(struct eas_request *rq, enum compose_kind kind, struct eas_compose *ret);
/*
 * The original of a reply or a forward, looked up once: a mail, or for a reply an event as one (compose_event.c). An event that is to be
 * forwarded is told as that, and not opened.
 */
struct eas_original {
	unsigned status; /* EAS_STATUS_OK, or what is answered unless the message went before */
	bool is_event;
	int64_t item; /* to be marked; 0: none */
	struct message message;
};
void eas_compose_open(struct eas_request *rq, const struct eas_compose *c, struct eas_original *ret);
void eas_original_close(struct eas_original *o); /* of a zeroed one too; for CLEANUP */
/* ERR_NOT_FOUND: no such instance. ERR_INVALID: no event that could be read. Arena memory. */
enum err eas_compose_event(struct eas_request *rq, struct store_tx *tx, const struct item *item, int64_t instance_ms,
			   struct message *ret) MUST_CHECK;
/* What the phone wrote, joined with the original, into the message that is sent. */
enum err eas_compose_join(struct arena *a, const struct eas_compose *c, const struct message *original,
			  struct send *m) MUST_CHECK;
/* LastVerbExecuted of the original once it is sent. */
int eas_compose_verb(const struct eas_compose *c, const struct send *m);

/*
 * Forwardees, in front of its children. What is wrong with it is `forwardees_bad`; an error is one of the document.
 */
enum err eas_compose_parse_forwardees(struct wbxml_reader *r, struct arena *a, struct eas_compose *c) MUST_CHECK;
/* Number of the original, and moment of the instance (INT64_MIN: none is named). EAS_STATUS_OK, or what is answered. */
unsigned eas_compose_ids(const struct eas_compose *c, int64_t *ret_item, int64_t *ret_instance_ms);
/* That original, behind ids that are good. ERR_NOT_FOUND too where it is in somebody else's mailbox. */
enum err eas_compose_item(struct eas_request *rq, struct store_tx *tx, const struct eas_compose *c,
			  struct item *ret) MUST_CHECK;
/* Makes Forwardees and Body of the message: its recipients and its text. What can't be so is `forwardees_bad`. */
enum err eas_compose_take_message(struct arena *a, struct eas_compose *c) MUST_CHECK;
/* Forwards an event under that name, and answers. */
void eas_compose_forward(struct eas_request *rq, const struct eas_compose *c, const struct queue_name *name);
/*
 * Is it a phone's answer to the meeting of somebody who lets its user edit his calendar? It then goes out as his (compose_reply.c), and
 * is not to be sent.
 */
enum err eas_compose_answer(struct eas_request *rq, const struct eas_compose *c, bool *ret) MUST_CHECK;

/* Sends and answers. */
void eas_compose(struct eas_request *rq, enum compose_kind kind);

#endif
