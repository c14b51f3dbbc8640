/* Decoded traffic. */
#include "trace.h"

#include <wbxml/xml.h>

#include <stdio.h>

enum { TRACE_MAX_BYTES = 1024 * 1024 * 1024 };

static void print(struct str s)
{
	fwrite(s.p ? s.p : "", 1, s.n, stderr);
}

static void print_document(struct str document)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TRACE_MAX_BYTES);
	struct wbxml_reader r;

	if (document.n == 0) {
		fputs("(no body)\n", stderr);
		return;
	}
	wbxml_reader_init(&r, document);
	r.octets = true;
	if (wbxml_to_xml(&r, &text))
		buf_fmt(&text, "\n(not readable from byte %zu on: %s)\n", r.at, wbxml_why_text(r.why));
	print(buf_view(&text));
}

void trace_request(const char *command, struct str document)
{
	fprintf(stderr, ">>> %s\n", command);
	print_document(document);
}

void trace_head(struct str head)
{
	fputs("<<< ", stderr);
	print(head);
}

void trace_response(struct str head, struct str document)
{
	fputs("<<< ", stderr);
	print(str_slice(head, 0, str_index(head, '\r')));
	fputc('\n', stderr);
	print_document(document);
}
