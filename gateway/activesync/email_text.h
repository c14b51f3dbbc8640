/*
 * The SMS class (MS-ASMS, 14.0 on): a text message of a phone, as an item of a folder of mails with ITEM_TEXT.
 *
 * Its octets are a mail, so that desktops read it as one: From and To with the numbers as addresses that lead nowhere, and a subject
 * and a reference that make the messages with the same people one conversation. What the phone said of From
 * and To ("Ann" [MOBILE:+15550100]) stands beside them, word for word, and goes to phones. Worker threads.
 */
#ifndef GATEWAY_ACTIVESYNC_EMAIL_TEXT_H
#define GATEWAY_ACTIVESYNC_EMAIL_TEXT_H

#include <gateway/activesync/email_change.h>
#include <gateway/activesync/item_view.h>
#include <gateway/content/compose.h>
#include <gateway/mailbox/message.h>

enum {
	EMAIL_TEXT_MAX_BYTES = 64 * 1024,  /* of its text: 255 parts of 153 characters, and some */
	EMAIL_TEXT_MAX_PEOPLE = 32 * 1024, /* octets of From and of To (MS-ASEMAIL 2.2.2.79) */
	EMAIL_TEXT_MAX_NUMBERS = 256,      /* of To; more are in what phones see alone */
};

/* What a phone adds. Strings borrow from its document. */
struct email_text {
	struct str from, to, body;
	bool has_received;
	int64_t received_ms;
	enum mail_importance importance;
	struct email_change change; /* Read, Flag, Categories */
};

/*
 * Reads ApplicationData, whose START was just read. ERR_INVALID: a property that is none of the class, or a body that is no plain
 * text. ERR_LIMIT: one that is too long. The caller releases *ret in every case.
 */
enum err email_text_parse(struct wbxml_reader *r, enum eas_version version, struct email_text *ret) MUST_CHECK;
void email_text_release(struct email_text *t);

/* Who has it, where the phone does not say who sent it, or to whom it came. */
struct email_text_owner {
	struct str name, address;
	int64_t now_ms;
	uint64_t unique; /* random, for this message alone */
};
/* Its octets. ERR_BUSY: the arena is full. */
enum err email_text_write(struct arena *a, const struct email_text *t, const struct email_text_owner *owner,
			  struct body_sink sink) MUST_CHECK;

/* Puts what the phone said of From and To in the place of the addresses of the summary. */
enum err email_text_people(struct arena *a, struct message *m) MUST_CHECK;

/* ApplicationData of one that the phone has not (email.c). */
enum err email_text_put(struct wbxml_writer *w, const struct item_view *v, const struct item *item) MUST_CHECK;
enum err email_text_put_placeholder(struct wbxml_writer *w, const struct item_view *v,
				    const struct item *item) MUST_CHECK;

#endif
