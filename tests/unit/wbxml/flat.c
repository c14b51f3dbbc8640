#include "flat.h"

#include <expat.h>

enum { TEXT_MAX = 1 << 20 };

struct flat {
	flat_name *name;
	struct buf *out;
	struct buf text;
};

static void flush_text(struct flat *f)
{
	if (f->text.n > 0) {
		buf_char(f->out, '=');
		buf_str(f->out, buf_view(&f->text));
		buf_char(f->out, '\n');
	}
	buf_clear(&f->text);
}

static void drop_space(struct flat *f)
{
	if (str_trim(buf_view(&f->text)).n == 0)
		buf_clear(&f->text);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
	struct str ns, local = str_of(name);
	struct flat *f = user;

	(void)attributes;
	drop_space(f);
	flush_text(f);
	(void)str_cut(&local, ' ', &ns);
	buf_char(f->out, '<');
	f->name(f->out, ns, local);
	buf_char(f->out, '\n');
}

static void on_end(void *user, const XML_Char *name)
{
	struct flat *f = user;

	(void)name;
	if (str_ends(buf_view(f->out), S(">\n")))
		drop_space(f); /* behind the last child */
	flush_text(f);
	buf_cstr(f->out, ">\n");
}

static void on_text(void *user, const XML_Char *p, int n)
{
	struct flat *f = user;

	buf_put(&f->text, p, (size_t)n);
}

bool flatten_xml(struct str xml, flat_name *name, struct buf *out)
{
	struct flat f = { .name = name, .out = out, .text = BUF_INIT(TEXT_MAX) };
	XML_Parser parser = XML_ParserCreateNS(NULL, ' ');
	bool ok;

	XML_SetUserData(parser, &f);
	XML_SetElementHandler(parser, on_start, on_end);
	XML_SetCharacterDataHandler(parser, on_text);
	ok = XML_Parse(parser, xml.p, (int)xml.n, XML_TRUE) == XML_STATUS_OK;
	XML_ParserFree(parser);
	buf_release(&f.text);
	return ok;
}
