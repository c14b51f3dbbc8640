/*
 * From the octets of one text part to text in the wanted form: a row of steps, each with a small buffer, so that
 * memory does not depend on the part. For the renderer only.
 */
#ifndef CONTENT_BODY_PIPE_H
#define CONTENT_BODY_PIPE_H

#include <gateway/content/body.h>
#include <gateway/content/charset.h>
#include <gateway/content/crlf.h>
#include <gateway/content/html_text.h>
#include <gateway/content/text_flow.h>
#include <gateway/content/text_html.h>

enum { PIPE_STEPS_MAX = 6 };

struct body_pipe;
struct body_step {
	void (*put)(struct body_pipe *p, struct buf *out, struct str s);
	void (*finish)(struct body_pipe *p, struct buf *out); /* NULL: nothing is held back */
};

struct body_pipe {
	const struct body_step *steps[PIPE_STEPS_MAX];
	struct buf bufs[PIPE_STEPS_MAX];
	size_t steps_n;
	struct body_sink out;

	struct transfer_stream transfer;
	struct charset_stream charset;
	bool sniff; /* HTML whose header tells no charset: its own words may */
	struct crlf_stream crlf;
	struct text_flow flow;
	struct html_text html_text;
	struct text_html text_html;
	struct html_meta html_meta;
};

struct body_pipe_args {
	const struct mime_part *part;
	bool html;            /* the part is HTML */
	enum body_type type;  /* BODY_PLAIN or BODY_HTML */
	bool links;           /* addresses of links in plain text out of HTML */
	struct body_sink out; /* gets whole UTF-8 characters */
};

/* About 5 KB; on the heap, because the HTML reader is part of it. */
struct body_pipe *body_pipe_new(const struct body_pipe_args *a);
enum err body_pipe_put(struct body_pipe *p, struct str octets) MUST_CHECK;
enum err body_pipe_finish(struct body_pipe *p) MUST_CHECK;
void body_pipe_free(struct body_pipe **pp);

#endif
