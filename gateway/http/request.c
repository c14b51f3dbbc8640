/* A request as handlers see it, kept in one block that is as large as its text. */
#include <gateway/http/http_priv.h>

#include <base/mem.h>
#include <gateway/http/forwarded.h>
#include <gateway/http/wire.h>

#include <stdlib.h>

struct measure {
	size_t fields, bytes;
};

static enum MHD_Result measure_field(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n,
				     const char *value, size_t value_n)
{
	struct measure *m = arg;

	(void)kind;
	(void)name;
	(void)value;
	m->fields++;
	m->bytes += name_n + value_n;
	return MHD_YES;
}

struct copy {
	struct http_exchange *ex;
	char *at;
};

static struct str copy_text(struct copy *c, const char *p, size_t n)
{
	struct str s = { c->at, n };

	if (n)
		memcpy(c->at, p, n);
	c->at += n;
	return s;
}

static enum MHD_Result copy_field(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_n,
				  const char *value, size_t value_n)
{
	struct copy *c = arg;
	struct http_field *f = &c->ex->fields[c->ex->fields_n++];

	(void)kind;
	f->name = copy_text(c, name, name_n);
	f->value = str_trim(copy_text(c, value, value_n));
	return MHD_YES;
}

static enum err take_target(struct copy *c, struct str uri)
{
	struct http_request *r = &c->ex->r;
	struct str path;
	char *decoded = c->at;

	uri = wire_origin_form(uri);
	str_cut(&uri, '?', &path);
	r->path = copy_text(c, path.p, path.n);
	TRY(wire_percent_decode(decoded, &r->path.n));
	r->query = uri.p ? copy_text(c, uri.p, uri.n) : STR_EMPTY;
	return ERR_OK;
}

/* RFC 9112 section 6.3: a length told twice, beside chunks, or in words of others, is how requests are smuggled. */
static enum err take_length(struct http_exchange *ex)
{
	unsigned lengths = 0;
	uint64_t n;

	for (size_t i = 0; i < ex->fields_n; i++) {
		/* Section 5.1: another reader takes a name with a blank behind it for the name. */
		if (str_index(ex->fields[i].name, ' ') < ex->fields[i].name.n ||
		    str_index(ex->fields[i].name, '\t') < ex->fields[i].name.n)
			return ERR_INVALID;
		if (str_ieq(ex->fields[i].name, S("Content-Length"))) {
			TRY(str_to_u64(ex->fields[i].value, INT64_MAX, &n));
			ex->length = n;
			lengths++;
		} else if (str_ieq(ex->fields[i].name, S("Transfer-Encoding"))) {
			if (!str_ieq(ex->fields[i].value, S("chunked")))
				return ERR_INVALID;
			ex->chunked = true;
			lengths++;
		}
	}
	return lengths > 1 ? ERR_INVALID : ERR_OK;
}

/* RFC 9112 section 3.2: of two hosts each reader may take another. That there is one is libmicrohttpd's to say. */
static enum err check_host(const struct http_exchange *ex)
{
	unsigned hosts = 0;

	for (size_t i = 0; i < ex->fields_n; i++)
		hosts += str_ieq(ex->fields[i].name, S("Host"));
	return hosts > 1 ? ERR_INVALID : ERR_OK;
}

/*
 * Who asks: the peer, or whom a trusted reverse proxy names. Over TLS a proxy has passed bytes on that it cannot read,
 * so what it seems to say is the client's word.
 */
static struct str find_peer(const struct http_exchange *ex, char host[NET_HOST_MAX])
{
	const struct net_ranges *trusted = ex->server->args.trusted;
	struct str peer = stream_peer(ex->conn->stream);
	struct net_ip ip;

	if (!trusted || ex->r.tls || !forwarded_begin(trusted, peer))
		return peer;
	for (size_t i = ex->fields_n; i > 0; i--)
		if (str_ieq(ex->fields[i - 1].name, S("X-Forwarded-For"))) {
			enum forwarded f = forwarded_back(trusted, ex->fields[i - 1].value, &ip);

			if (f != FORWARDED_NOBODY) {
				net_ip_host(&ip, host);
				peer = str_of(host);
			}
			if (f != FORWARDED_TRUSTED)
				break;
		}
	return peer;
}

enum err request_build(struct http_exchange *ex, struct MHD_Connection *mhd, const struct http_head *head)
{
	struct measure m = { 0 };
	struct str uri = str_of(head->uri), peer;
	char host[NET_HOST_MAX];
	struct copy c = { .ex = ex };

	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, measure_field, &m);
	ex->block = mem_alloc(m.fields * sizeof(struct http_field) + m.bytes + uri.n + sizeof(host));
	ex->fields = ex->block;
	c.at = (char *)(ex->fields + m.fields);
	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, copy_field, &c);
	ex->r.tls = stream_is_tls(ex->conn->stream);
	peer = find_peer(ex, host);
	ex->r.peer = copy_text(&c, peer.p, peer.n);
	ex->r.method = method_of(head->method);
	ex->http10 = !strcmp(head->version, "HTTP/1.0");
	ex->gzip_ok = wire_list_has(http_header(&ex->r, "Accept-Encoding"), S("gzip"));
	ex->close = ex->http10 || wire_list_has(http_header(&ex->r, "Connection"), S("close"));
	ex->head_n = head->raw_n;
	TRY(take_target(&c, uri));
	TRY(check_host(ex));
	return take_length(ex);
}

struct str http_header(const struct http_request *r, const char *name)
{
	const struct http_exchange *ex = container_of(r, const struct http_exchange, r);

	for (size_t i = 0; i < ex->fields_n; i++)
		if (str_ieq(ex->fields[i].name, str_of(name)))
			return ex->fields[i].value;
	return STR_EMPTY;
}

struct str http_query_param(const struct http_request *r, struct arena *a, const char *name)
{
	struct str raw = wire_query_value(r->query, str_of(name));
	char *value;

	if (!raw.p)
		return STR_EMPTY;
	value = arena_alloc(a, raw.n + 1);
	if (!value)
		return STR_EMPTY;
	memcpy(value, raw.p, raw.n);
	if (wire_percent_decode(value, &raw.n))
		return STR_EMPTY;
	return str_from(value, raw.n);
}
