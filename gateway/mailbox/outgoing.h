/*
 * A message on its way out, as it streams into the queue's octets: its header is made fit to send, its body passes as it
 * is (with CRLF line ends, and a blank for a CR that ends no line). Used through send.h alone. Worker threads; one thread at a time.
 *
 * The header loses Bcc and what only a delivery may write (Return-Path); Date, Message-ID and From are added where they
 * are missing. From and Sender are the author's own (MS-ASCMD_R448), but where a delegate acts for him: see struct outgoing_args.
 */
#ifndef GATEWAY_MAILBOX_OUTGOING_H
#define GATEWAY_MAILBOX_OUTGOING_H

#include <gateway/content/header.h>
#include <store/blob.h>

struct outgoing;
struct send_author;

enum {
	OUTGOING_MAX_HEADER = 512 * 1024, /* bytes of the header block */
	OUTGOING_MAX_RECIPIENTS = 1000,   /* named in To, Cc and Bcc together, each once */
};

struct outgoing_args {
	struct store *store;
	const struct clock *clock;
	const char *hostname;
	const struct send_author *author; /* outlives it; NULL: the server's own message, which is taken as it is */
	uint64_t max_bytes;
	bool refuse_foreign; /* ERR_DENIED where From or Sender is not the author's; else they are set right */
	bool keeps_sender;   /* Sender is the server's own word */
	/* Nothing is kept but what the header says: there is no blob. A recipient without a domain is no address then. */
	bool look_only;
};

/* What the header says, once it is complete. In the outgoing's own memory. */
struct outgoing_header {
	struct str own;         /* Bcc fields, with their line ends */
	struct str from;        /* the author's address that From names */
	struct str *recipients; /* To, Cc, Bcc: local@domain, each once */
	size_t recipients_n;
	bool bad_recipient; /* one of them is no address */
	unsigned flags;     /* QUEUE_8BIT, QUEUE_UTF8 as the octets need it */
};

enum err outgoing_new(const struct outgoing_args *args, struct outgoing **ret) MUST_CHECK;
void outgoing_free(struct outgoing **op); /* NULL-safe; for CLEANUP */
/* ERR_LIMIT: the message or its header is too large. ERR_DENIED: see refuse_foreign. Sticky. */
enum err outgoing_put(struct outgoing *o, struct str octets) MUST_CHECK;
/* The message is complete, and on disk where it is large. */
enum err outgoing_finish(struct outgoing *o) MUST_CHECK;
/* After outgoing_finish(). */
const struct outgoing_header *outgoing_header(const struct outgoing *o);
struct store_blob_writer *outgoing_blob(struct outgoing *o);

#endif
