/*
 * wbxmlcat: an ActiveSync WBXML document as indented XML, and back; beside it libwbxml's reading of the same bytes.
 * Exit status 0 done, 1 refused or failed, 2 wrong use.
 */
#include <tools/libwbxml_judge.h>
#include <tools/xml_to_wbxml.h>

#include <wbxml/xml.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

enum {
	EXIT_REFUSED = 1,
	EXIT_USAGE = 2,
	CHUNK = 65536,
};
#define DOCUMENT_MAX ((size_t)1 << 30)

static const char usage[] = "usage: wbxmlcat [--libwbxml] [FILE]     WBXML to indented XML\n"
			    "       wbxmlcat --encode [FILE]         XML to WBXML\n"
			    "Without FILE, or with -, standard input is read.\n"
			    "--libwbxml shows what libwbxml reads in the same bytes, after ours.\n";

static bool read_stream(FILE *f, struct buf *ret)
{
	char chunk[CHUNK];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(ret, chunk, n);
	return !ferror(f);
}

static bool read_document(const char *path, struct buf *ret)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	bool ok = f && read_stream(f, ret);

	if (!ok)
		fprintf(stderr, "wbxmlcat: %s: %s\n", path, strerror(errno));
	if (f && f != stdin)
		fclose(f);
	if (ok && buf_status(ret)) {
		fprintf(stderr, "wbxmlcat: %s: longer than %zu bytes\n", path, DOCUMENT_MAX);
		ok = false;
	}
	return ok;
}

static bool write_out(const struct buf *b)
{
	if (fwrite(b->p, 1, b->n, stdout) == b->n && fflush(stdout) == 0)
		return true;
	fprintf(stderr, "wbxmlcat: standard output: %s\n", strerror(errno));
	return false;
}

static bool decode(struct str doc, struct buf *out)
{
	struct wbxml_reader r;
	enum err e;

	wbxml_reader_init(&r, doc);
	e = wbxml_to_xml(&r, out);
	if (!write_out(out)) /* of a refused document, what came before */
		return false;
	if (r.why)
		fprintf(stderr, "wbxmlcat: byte %zu of %zu: %s\n", r.at, doc.n, wbxml_why_text(r.why));
	else if (e)
		fprintf(stderr, "wbxmlcat: %s\n", err_text(e));
	return e == ERR_OK;
}

static bool encode(struct str xml, struct buf *out)
{
	struct buf why = BUF_INIT(CHUNK);
	enum err e = xml_to_wbxml(xml, out, &why);
	bool ok = e == ERR_OK && write_out(out);

	if (e == ERR_INVALID)
		fprintf(stderr, "wbxmlcat: " STR_FMT "\n", STR_ARG(buf_view(&why)));
	else if (e)
		fprintf(stderr, "wbxmlcat: %s\n", err_text(e));
	buf_release(&why);
	return ok;
}

static bool show_libwbxml(struct str doc, struct buf *out)
{
	static const char *const heads[LIBWBXML_OUTCOME_MAX_] = {
		[LIBWBXML_CONVERTED] = "reads",
		[LIBWBXML_REFUSED] = "refuses",
		[LIBWBXML_DIED] = "died",
	};
	enum libwbxml_outcome outcome;
	enum err e;

	buf_clear(out);
	e = libwbxml_to_xml(doc, out, &outcome);
	if (e) {
		fprintf(stderr, "wbxmlcat: libwbxml: %s\n", err_text(e));
		return false;
	}
	printf("\n--- libwbxml %s ---\n", heads[outcome]);
	buf_char(out, '\n');
	return write_out(out);
}

int main(int argc, char **argv)
{
	int encoding = 0, judging = 0, helping = 0, option;
	const struct option options[] = {
		{ "encode", no_argument, &encoding, 1 },
		{ "libwbxml", no_argument, &judging, 1 },
		{ "help", no_argument, &helping, 1 },
		{ 0 },
	};
	struct buf in = BUF_INIT(DOCUMENT_MAX), out = BUF_INIT(DOCUMENT_MAX);
	bool ok;

	while ((option = getopt_long(argc, argv, "", options, NULL)) == 0)
		;
	if (option != -1 || argc - optind > 1 || (encoding && judging)) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	if (helping)
		return fputs(usage, stdout) >= 0 ? 0 : EXIT_REFUSED;
	ok = read_document(optind < argc ? argv[optind] : "-", &in);
	if (ok)
		ok = encoding ? encode(buf_view(&in), &out) : decode(buf_view(&in), &out);
	if (judging && in.n > 0)
		ok &= show_libwbxml(buf_view(&in), &out);
	buf_release(&in);
	buf_release(&out);
	return ok ? 0 : EXIT_REFUSED;
}
