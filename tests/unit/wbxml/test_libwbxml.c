/*
 * libwbxml as judge of our codec, in both directions: what both accept, both read alike; and what it writes, we read as
 * it was meant. Its tables differ in the names listed in libwbxml_names.h, and in nothing else.
 */
#include "flat.h"
#include "libwbxml_names.h"
#include "trace.h"

#include <tools/libwbxml_judge.h>

#include <wbxml/xml.h>

#include <dirent.h>
#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { OUT_MAX = 4 << 20, PATH_MAX_N = 512 };
#define CORPUS "tests/fuzz/corpus/fuzz_wbxml"

static void our_name(struct buf *out, struct str ns, struct str name)
{
	buf_str(out, ns);
	buf_char(out, ' ');
	buf_str(out, name);
}

/* Its namespaces end in a colon, and one differs in case. */
static struct str mend_namespace(struct str ns)
{
	ns = str_slice(ns, 0, str_index(ns, ':'));
	return str_eq(ns, S("Gal")) ? S("GAL") : ns;
}

static void its_own_name(struct buf *out, struct str ns, struct str name)
{
	our_name(out, mend_namespace(ns), name);
}

static void its_name_mended(struct buf *out, struct str ns, struct str name)
{
	ns = mend_namespace(ns);
	for (size_t i = 0; i < countof(libwbxml_names); i++) {
		const struct libwbxml_name *row = &libwbxml_names[i];

		if (row->name && str_eq(name, str_of(row->name)) &&
		    str_eq(ns, wbxml_page_namespace((uint8_t)((unsigned)row->tag >> 8)))) {
			our_name(out, ns, wbxml_tag_name(row->tag));
			return;
		}
	}
	our_name(out, ns, name);
}

static const struct libwbxml_name *row_of(enum wbxml_tag tag)
{
	for (size_t i = 0; i < countof(libwbxml_names); i++)
		if (libwbxml_names[i].tag == tag)
			return &libwbxml_names[i];
	return NULL;
}

/* libwbxml prints CR as it is, and in XML that is no more than a line end. */
static void drop_cr(struct buf *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] != '\r')
			b->p[kept++] = b->p[i];
	buf_truncate(b, kept);
}

/* What we say of a document, CR left out; false where we refuse it. */
static bool our_reading(struct str doc, struct buf *out)
{
	CLEANUP(exact_release) struct str copy = exact_copy(doc);
	struct buf xml = BUF_INIT(OUT_MAX);
	struct wbxml_reader r;
	bool ok;

	wbxml_reader_init(&r, copy);
	ok = wbxml_to_xml(&r, &xml) == ERR_OK;
	if (ok)
		assert_true(flatten_xml(buf_view(&xml), our_name, out));
	drop_cr(out);
	buf_release(&xml);
	return ok;
}

static void its_xml(const char *what, struct str doc, struct buf *xml)
{
	enum libwbxml_outcome outcome;

	assert_int_equal(libwbxml_to_xml(doc, xml, &outcome), ERR_OK);
	if (outcome != LIBWBXML_CONVERTED)
		fail_msg("%s: libwbxml does not read it: " STR_FMT, what, STR_ARG(buf_view(xml)));
}

static void same(const char *what, const char *whose, const struct buf *got, const struct buf *want)
{
	if (!str_eq(buf_view(got), buf_view(want)))
		fail_msg("%s, %s:\n" STR_FMT "--- ours:\n" STR_FMT, what, whose, STR_ARG(buf_view(got)),
			 STR_ARG(buf_view(want)));
}

/* doc is one that we accept and of which libwbxml knows all tags. */
static void judge(const char *what, struct str doc)
{
	struct buf ours = BUF_INIT(OUT_MAX), theirs = BUF_INIT(OUT_MAX), back = BUF_INIT(OUT_MAX);
	struct buf xml = BUF_INIT(OUT_MAX), wbxml = BUF_INIT(OUT_MAX);
	enum libwbxml_outcome outcome;

	assert_true(our_reading(doc, &ours));
	its_xml(what, doc, &xml);
	if (!flatten_xml(buf_view(&xml), its_name_mended, &theirs))
		fail_msg("%s: libwbxml's XML is not well-formed:\n" STR_FMT, what, STR_ARG(buf_view(&xml)));
	same(what, "libwbxml reads", &theirs, &ours);

	assert_int_equal(libwbxml_to_wbxml(buf_view(&xml), &wbxml, &outcome), ERR_OK);
	assert_int_equal(outcome, LIBWBXML_CONVERTED);
	assert_true(our_reading(buf_view(&wbxml), &back));
	same(what, "we read of what libwbxml writes", &back, &ours);
	buf_release(&ours);
	buf_release(&theirs);
	buf_release(&back);
	buf_release(&xml);
	buf_release(&wbxml);
}

/* Sync around one element of every tag of the page that `take` takes, written by our writer. */
static unsigned put_page(unsigned page, bool (*take)(enum wbxml_tag), struct buf *out)
{
	struct wbxml_writer w;
	unsigned n = 0;

	wbxml_writer_init(&w, out);
	wbxml_open(&w, TAG_AIRSYNC_SYNC);
	for (unsigned token = 0; token < 0x40; token++) {
		enum wbxml_tag tag = (enum wbxml_tag)(page << 8 | token);

		if (!wbxml_tag_known((uint8_t)page, (uint8_t)token) || !take(tag))
			continue;
		n++;
		if (wbxml_tag_binary(tag))
			wbxml_put_opaque(&w, tag, S("\x00\xFF\x80"));
		else
			wbxml_put_text(&w, tag, S(" a<b & \xC3\xA9 "));
	}
	wbxml_close(&w, TAG_AIRSYNC_SYNC);
	assert_int_equal(wbxml_writer_end(&w), ERR_OK);
	return n;
}

static bool it_knows(enum wbxml_tag tag)
{
	const struct libwbxml_name *row = row_of(tag);

	return !row || row->name;
}

static void every_tag_that_it_knows_is_read_and_written_alike(void **unused)
{
	unsigned tags = 0;

	(void)unused;
	for (unsigned page = 0; page <= UINT8_MAX; page++) {
		struct buf doc = BUF_INIT(OUT_MAX);
		struct str ns = wbxml_page_namespace((uint8_t)page);
		unsigned n = put_page(page, it_knows, &doc);

		if (n > 0)
			judge(ns.p, buf_view(&doc));
		tags += n;
		buf_release(&doc);
	}
	assert_int_equal(tags, 586 + 38 - 25);
}

static void put_expected(enum wbxml_tag tag, struct buf *out)
{
	const struct libwbxml_name *row = row_of(tag);

	if (!row)
		our_name(out, wbxml_page_namespace((uint8_t)((unsigned)tag >> 8)), wbxml_tag_name(tag));
	else if (row->name)
		our_name(out, wbxml_page_namespace((uint8_t)((unsigned)tag >> 8)), str_of(row->name));
	else
		our_name(out, S("AirSync"), S("unknown")); /* takes the namespace of what is around it */
}

/* So that the list neither hides a mistake of ours nor outlives a new release. */
static void its_names_are_ours_but_for_the_list(void **unused)
{
	(void)unused;
	for (unsigned id = 0; id < 0x10000; id++) {
		struct buf doc = BUF_INIT(OUT_MAX), xml = BUF_INIT(OUT_MAX), got = BUF_INIT(OUT_MAX),
			   want = BUF_INIT(OUT_MAX);
		enum wbxml_tag tag = (enum wbxml_tag)id;
		struct wbxml_writer w;

		if (!wbxml_tag_known((uint8_t)(id >> 8), (uint8_t)id) || !row_of(tag))
			continue;
		wbxml_writer_init(&w, &doc);
		wbxml_open(&w, TAG_AIRSYNC_SYNC);
		wbxml_empty(&w, tag);
		wbxml_close(&w, TAG_AIRSYNC_SYNC);
		its_xml(wbxml_tag_name(tag).p, buf_view(&doc), &xml);
		assert_true(flatten_xml(buf_view(&xml), its_own_name, &got));
		buf_cstr(&want, "<AirSync Sync\n<");
		put_expected(tag, &want);
		buf_cstr(&want, "\n>\n>\n");
		same(wbxml_tag_name(tag).p, "libwbxml reads", &got, &want);
		assert_false(row_of(tag)->name && str_eq(str_of(row_of(tag)->name), wbxml_tag_name(tag)));
		buf_release(&doc);
		buf_release(&xml);
		buf_release(&got);
		buf_release(&want);
	}
}

static bool read_file(const char *name, struct buf *out)
{
	struct buf path = BUF_INIT(PATH_MAX_N);
	char bytes[4096];
	FILE *f;

	buf_fmt(&path, CORPUS "/%s%c", name, '\0');
	f = fopen(path.p, "rb");
	buf_release(&path);
	if (!f)
		return false;
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), f)) > 0;)
		buf_put(out, bytes, n);
	fclose(f);
	return true;
}

static bool holds_control_character(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' && !strchr("\t\r\n", s.p[i]))
			return true;
	return false;
}

/* A tag that libwbxml lacks, or a control character, which it prints although XML cannot carry it. */
static bool beyond_it(struct str doc)
{
	enum wbxml_event event;
	struct wbxml_reader r;

	wbxml_reader_init(&r, doc);
	while ((event = wbxml_next(&r)) < WBXML_DONE) {
		if (event == WBXML_START && !it_knows(r.tag))
			return true;
		if (event == WBXML_TEXT && !wbxml_tag_binary(r.tag) && holds_control_character(r.text))
			return true;
	}
	return false;
}

/* Refused, or with text beside elements, whose indentation cannot be told from text. */
static bool beyond_comparison(struct str doc)
{
	struct buf written = BUF_INIT(OUT_MAX);
	bool ok = rewrite(doc, &written);

	buf_release(&written);
	return !ok;
}

/* Files of the corpus that it misreads. */
static bool misread(const char *file)
{
	return strcmp(file, "keepalive") == 0; /* it takes one SWITCH_PAGE before a tag (WAP-192 5.3) and no more */
}

static void documents_of_the_corpus_are_read_and_written_alike(void **unused)
{
	unsigned judged = 0, beyond = 0;
	struct dirent *entry;
	DIR *dir = opendir(CORPUS);

	(void)unused;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct buf doc = BUF_INIT(OUT_MAX);

		if (entry->d_name[0] != '.' && read_file(entry->d_name, &doc)) {
			if (misread(entry->d_name) || beyond_comparison(buf_view(&doc)) || beyond_it(buf_view(&doc))) {
				beyond++;
			} else {
				judge(entry->d_name, buf_view(&doc));
				judged++;
			}
		}
		buf_release(&doc);
	}
	closedir(dir);
	print_message("%u judged, %u not\n", judged, beyond);
	assert_true(judged >= 25);
}

/* The library aborts or overruns its stack on some of these; the process that asks does not. */
static void what_kills_it_kills_only_its_child(void **unused)
{
	static const struct str docs[] = {
		DOC("\x45\x02\x8F\xFF\xFF\xFF\x7F\x01"), /* ENTITY FFFFFFFF */
		STR_INIT("\x03\x01\x6A\xFF\xFF\xFF\xFF\x7F\x05"),
		STR_INIT(""),
	};

	(void)unused;
	for (size_t i = 0; i < countof(docs); i++) {
		struct buf xml = BUF_INIT(OUT_MAX);
		enum libwbxml_outcome outcome = LIBWBXML_OUTCOME_MAX_;

		assert_int_equal(libwbxml_to_xml(docs[i], &xml, &outcome), ERR_OK);
		assert_true(outcome == LIBWBXML_REFUSED || outcome == LIBWBXML_DIED);
		buf_release(&xml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_tag_that_it_knows_is_read_and_written_alike),
		cmocka_unit_test(its_names_are_ours_but_for_the_list),
		cmocka_unit_test(documents_of_the_corpus_are_read_and_written_alike),
		cmocka_unit_test(what_kills_it_kills_only_its_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
