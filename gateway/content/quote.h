/*
 * A reply or a forwarded message whose writer has sent his own words alone: they are joined with the original, in the form in
 * which he wrote (HTML or plain text), in UTF-8. A reply quotes it, with the images that belong into its HTML; a
 * forwarded one brings its attachments too, and brings what cannot be taken apart (signed or encrypted) as a whole. What
 * he wrote signed or encrypted stays as it is. Pure; any thread.
 */
#ifndef CONTENT_QUOTE_H
#define CONTENT_QUOTE_H

#include <gateway/content/body.h>
#include <gateway/content/summary.h>

enum {
	QUOTE_MAX_TEXT = 8 * 1024 * 1024, /* octets of a text in one form; a longer original is cut there */
	QUOTE_MAX_HEADER = 512 * 1024,
};

struct quote_message {
	const struct mail_source *source;
	const struct mime_structure *structure;
	const struct mail_summary *summary;
};

struct quote_args {
	struct quote_message mine, original;
	bool forward;
	uint64_t unique; /* random, for this message alone */
};

/* The whole message goes to the sink. ERR_LIMIT: a text or the header is too large. */
enum err quote_write(struct arena *a, const struct quote_args *q, struct body_sink sink) MUST_CHECK;

#endif
