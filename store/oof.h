/*
 * Out of office: whether the owner of a mailbox is away, and what people who write to him are told. One state for every
 * protocol that shows or sets it; who answers by it is gateway/mailbox/autoreply.h.
 *
 * All functions need a transaction of the mailbox, a write transaction where they change something. `struct str` results
 * live in the arena that is passed.
 */
#ifndef STORE_OOF_H
#define STORE_OOF_H

#include <store/store.h>

enum {
	OOF_REPLY_MAX = 128 * 1024, /* bytes of a message */
	OOF_SENDER_MAX = 512,       /* bytes of an address that was told */
};

/* Stored: append only. The numbers of MS-ASCMD OofState. */
enum oof_state { OOF_OFF, OOF_ON, OOF_TIMED, OOF_STATE_MAX_ };

/* Stored: append only. */
enum oof_audience {
	OOF_INTERNAL,         /* has an address in one of this server's domains */
	OOF_EXTERNAL_KNOWN,   /* is among the owner's contacts */
	OOF_EXTERNAL_UNKNOWN, /* everybody else */
	OOF_AUDIENCE_MAX_
};

struct oof_message {
	bool enabled;
	bool html;        /* else plain text */
	struct str reply; /* UTF-8 */
};

struct oof {
	enum oof_state state;
	int64_t start_ms, end_ms; /* of OOF_TIMED: from start on, before end; kept while another state holds */
	int64_t period;           /* of a stored one: another number after each oof_set() */
	struct oof_message message[OOF_AUDIENCE_MAX_];
};

/* Off, with no messages, where it was never set. */
enum err oof_get(struct arena *a, struct store_tx *tx, struct oof *ret) MUST_CHECK;
/* All of it; a new period begins, unless nothing is changed. ERR_LIMIT: a message is too long. ERR_INVALID: not UTF-8. */
enum err oof_set(struct store_tx *tx, const struct oof *oof) MUST_CHECK;
bool oof_is_away(const struct oof *oof, int64_t now_ms);

/* Was the sender answered in this period? Compared without case (ASCII). */
enum err oof_was_told(struct store_tx *tx, struct str sender, bool *ret) MUST_CHECK;
enum err oof_note_told(struct store_tx *tx, struct str sender) MUST_CHECK;

#endif
