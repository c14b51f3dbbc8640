/*
 * Any bytes into the reader. What it refuses has a reason and a place inside the document. What it accepts is the same
 * after a turn through the writer (text mended), which changes nothing the second time, and after a turn through XML.
 */
#include "trace.h"

#include <tools/xml_to_wbxml.h>

#include <base/utf8.h>
#include <wbxml/xml.h>

#include <assert.h>

enum { OUT_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Elements and their text, however it was said: <x/> and <x></x>, pieces, string and opaque are one. */
static bool summarise(struct str doc, struct buf *out)
{
	enum wbxml_event event;
	struct wbxml_reader r;

	wbxml_reader_init(&r, doc);
	while ((event = wbxml_next(&r)) < WBXML_DONE) {
		assert(r.depth >= 1 && r.depth <= WBXML_MAX_DEPTH);
		if (event == WBXML_START)
			buf_fmt(out, "<%04x", r.tag);
		if (event == WBXML_END || (event == WBXML_START && r.empty))
			buf_char(out, '>');
		if (event == WBXML_TEXT && r.opaque)
			buf_str(out, r.text);
		if (event == WBXML_TEXT && !r.opaque)
			utf8_put_xml_safe(out, r.text);
	}
	assert(r.at <= doc.n && (event == WBXML_BAD) == (r.why != WBXML_OK));
	return event == WBXML_DONE;
}

static void put_xml(struct str doc, struct buf *out)
{
	struct wbxml_reader r;
	enum err e;

	wbxml_reader_init(&r, doc);
	e = wbxml_to_xml(&r, out);
	assert(!e);
	(void)e;
}

static void turn_through_writer(struct str summary, struct str written)
{
	struct buf again = BUF_INIT(OUT_MAX), its_summary = BUF_INIT(OUT_MAX);

	assert(summarise(written, &its_summary));
	assert(str_eq(buf_view(&its_summary), summary));
	assert(rewrite(written, &again));
	assert(str_eq(buf_view(&again), written));
	buf_release(&again);
	buf_release(&its_summary);
}

static void turn_through_xml(struct str written)
{
	struct buf xml = BUF_INIT(OUT_MAX), back = BUF_INIT(OUT_MAX), again = BUF_INIT(OUT_MAX),
		   why = BUF_INIT(OUT_MAX);
	enum err e;

	put_xml(written, &xml);
	e = xml_to_wbxml(buf_view(&xml), &back, &why);
	assert(!e);
	(void)e;
	put_xml(buf_view(&back), &again);
	assert(str_eq(buf_view(&xml), buf_view(&again)));
	buf_release(&xml);
	buf_release(&back);
	buf_release(&again);
	buf_release(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str doc = str_from(data, size);
	struct buf summary = BUF_INIT(OUT_MAX), written = BUF_INIT(OUT_MAX), xml = BUF_INIT(OUT_MAX);

	if (summarise(doc, &summary)) {
		put_xml(doc, &xml);
		if (rewrite(doc, &written)) {
			turn_through_writer(buf_view(&summary), buf_view(&written));
			turn_through_xml(buf_view(&written));
		}
	}
	buf_release(&summary);
	buf_release(&written);
	buf_release(&xml);
	return 0;
}
