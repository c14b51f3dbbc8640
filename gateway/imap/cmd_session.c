/* What needs no store: CAPABILITY, NOOP, LOGOUT, ID, ENABLE, NAMESPACE, STARTTLS, COMPRESS. */
#include <gateway/imap/commands.h>

#include <base/log.h>
#include <gateway/imap/deflate.h>

enum { ID_PAIRS_MAX = 30 }; /* RFC 2971 3.3 */

enum imap_next imap_capability(struct imap_command *c)
{
	buf_cstr(&c->se->out, "* ");
	imap_put_capabilities(c->se, &c->se->out);
	buf_cstr(&c->se->out, "\r\n");
	return imap_ok(c, "that is all");
}

enum imap_next imap_noop(struct imap_command *c)
{
	return imap_ok(c, "done");
}

enum imap_next imap_logout(struct imap_command *c)
{
	imap_line(c->se, "* BYE see you");
	c->bye = true;
	return imap_ok(c, "done");
}

/* Who the client says it is; for the log, where people look when it misbehaves. */
struct id {
	struct str name, version;
};

static void read_pair(struct imap_in *in, struct id *id)
{
	struct str field = in_string(in), value;

	in_sp(in);
	value = in_nstring(in);
	if (str_ieq(field, S("name")))
		id->name = value;
	if (str_ieq(field, S("version")))
		id->version = value;
}

void imap_id_parse(struct imap_in *in, struct imap_command *c)
{
	struct id *id = arena_new(&c->arena, struct id);
	unsigned n = 0;

	in_sp(in);
	c->args = id;
	if (!id || in_try_word(in, "NIL"))
		return;
	in_open(in);
	if (in_try_close(in))
		return;
	do {
		if (++n > ID_PAIRS_MAX)
			in_fail(in, "too many fields");
		read_pair(in, id);
	} while (in_more(in));
}

enum imap_next imap_id(struct imap_command *c)
{
	const struct id *id = c->args;

	if (id && id->name.n)
		log_info("imap_id", "account=%lld name=%s version=%s", (long long)c->se->account,
			 log_quote(id->name).text, log_quote(id->version).text);
	imap_line(c->se, "* ID (\"name\" \"roost\")");
	return imap_ok(c, "done");
}

static const struct {
	const char *name;
	unsigned bits; /* enum imap_enabled */
} extensions[] = {
	{ "CONDSTORE", IMAP_CONDSTORE }, { "QRESYNC", IMAP_QRESYNC | IMAP_CONDSTORE }, /* RFC 7162 3.2.3 */
	{ "UTF8=ACCEPT", IMAP_UTF8 },    { "IMAP4rev2", IMAP_REV2 },
	{ "UIDONLY", IMAP_UIDONLY },
};

void imap_enable_parse(struct imap_in *in, struct imap_command *c)
{
	unsigned *rows = arena_new(&c->arena, unsigned);

	c->args = rows;
	in_sp(in);
	do {
		struct str word = in_atom(in);

		for (unsigned i = 0; rows && i < countof(extensions); i++)
			if (str_ieq(word, str_of(extensions[i].name)))
				*rows |= 1u << i;
	} while (in_ok(in) && in_try(in, ' '));
}

enum imap_next imap_enable(struct imap_command *c)
{
	struct imap_session *se = c->se;
	unsigned rows = c->args ? *(unsigned *)c->args : 0, was = se->enabled;

	buf_cstr(&se->out, "* ENABLED");
	for (unsigned i = 0; i < countof(extensions); i++) {
		if (!(rows & 1u << i))
			continue;
		if (extensions[i].bits & ~was)
			buf_fmt(&se->out, " %s", extensions[i].name);
		se->enabled |= extensions[i].bits;
	}
	buf_cstr(&se->out, "\r\n");
	return imap_ok(c, "done");
}

enum imap_next imap_namespace(struct imap_command *c)
{
	imap_line(c->se, "* NAMESPACE ((\"\" \"/\")) NIL NIL");
	return imap_ok(c, "done");
}

enum imap_next imap_starttls(struct imap_command *c)
{
	struct imap_session *se = c->se;

	if (!se->server->args.tls || stream_is_tls(se->stream))
		return imap_bad(c, "TLS is not to be had here");
	/* What came with it in clear is dropped with the stream's input (RFC 3207 section 4.2's reason holds here too). */
	stream_write(se->stream, c->tag);
	stream_write(se->stream, S(" OK begin TLS now\r\n"));
	stream_starttls(se->stream, se->server->args.tls);
	return IMAP_SAID;
}

void imap_compress_parse(struct imap_in *in, struct imap_command *c)
{
	bool *known = arena_new(&c->arena, bool);

	in_sp(in);
	if (known)
		*known = str_ieq(in_atom(in), S("DEFLATE"));
	c->args = known;
}

enum imap_next imap_compress(struct imap_command *c)
{
	struct imap_session *se = c->se;

	if (!c->args || !*(bool *)c->args)
		return imap_bad(c, "only DEFLATE");
	if (se->deflate)
		return imap_no(c, "[COMPRESSIONACTIVE] DEFLATE is active");
	/* The answer is the last that is said plainly. */
	buf_str(&se->out, c->tag);
	buf_cstr(&se->out, " OK from now on\r\n");
	imap_flush(se);
	se->deflate = imap_deflate_new();
	if (!se->deflate)
		stream_abort(se->stream);
	return IMAP_SAID;
}
