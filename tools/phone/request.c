/* What a phone sends. */
#include "request.h"

#include <base/base64.h>

enum {
	LOCALE_EN_US = 0x0409, /* MS-LCID */
	QUERY_MAX_BYTES = 2048,
	CREDENTIALS_MAX_BYTES = 4096,
};

/* Codes: MS-ASHTTP 2.2.1.1.1.1.2. A Ping carries no policy key (MS-ASHTTP R61103). */
static const struct {
	const char *name;
	uint8_t code;
	bool policy_key;
} commands[] = {
	[COMMAND_SYNC] = { "Sync", 0, true },
	[COMMAND_FOLDER_SYNC] = { "FolderSync", 9, true },
	[COMMAND_GET_ITEM_ESTIMATE] = { "GetItemEstimate", 14, true },
	[COMMAND_ITEM_OPERATIONS] = { "ItemOperations", 19, true },
	[COMMAND_MEETING_RESPONSE] = { "MeetingResponse", 15, true },
	[COMMAND_MOVE_ITEMS] = { "MoveItems", 13, true },
	[COMMAND_PING] = { "Ping", 18, false },
	[COMMAND_PROVISION] = { "Provision", 20, true },
	[COMMAND_SEND_MAIL] = { "SendMail", 1, true },
	[COMMAND_SETTINGS] = { "Settings", 17, true },
	[COMMAND_SMART_FORWARD] = { "SmartForward", 2, true },
	[COMMAND_SMART_REPLY] = { "SmartReply", 3, true },
};
_Static_assert(countof(commands) == COMMAND_MAX_, "a row a command");

/* MS-ASHTTP R24, R26: the version as a byte. 0: it has no base64 query. */
static const uint8_t version_byte[EAS_VERSION_MAX_] = {
	[EAS_12_1] = 121, [EAS_14_0] = 140, [EAS_14_1] = 141, [EAS_16_0] = 160, [EAS_16_1] = 161,
};

const char *command_name(enum command c)
{
	return commands[c].name;
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

static void put_escaped(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (is_unreserved(s.p[i]))
			buf_char(out, s.p[i]);
		else
			buf_fmt(out, "%%%02X", (unsigned char)s.p[i]);
	}
}

static bool is_bare_mail(const struct identity *id, enum command c)
{
	return command_sends_mail(c) && id->version < EAS_14_0;
}

void query_put_plain(struct buf *out, const struct identity *id, enum command c)
{
	buf_fmt(out, "Cmd=%s&User=", commands[c].name);
	put_escaped(out, id->user);
	buf_cstr(out, "&DeviceId=");
	put_escaped(out, id->device_id);
	buf_cstr(out, "&DeviceType=");
	put_escaped(out, id->device_type);
	if (!is_bare_mail(id, c))
		return;
	if (id->about.item.n) {
		buf_cstr(out, "&CollectionId=");
		put_escaped(out, id->about.folder);
		buf_cstr(out, "&ItemId=");
		put_escaped(out, id->about.item);
	}
	buf_cstr(out, "&SaveInSent=T");
}

static void put_field(struct buf *out, struct str s)
{
	buf_char(out, (char)(unsigned char)s.n);
	buf_str(out, s);
}

static void put_little_endian(struct buf *out, uint32_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		buf_char(out, (char)(unsigned char)(v >> 8 * i));
}

/* MS-ASHTTP 2.2.1.1.1.1.3: CollectionId, ItemId, and SaveInSent of Options. */
static void put_mail_parameters(struct buf *raw, const struct identity *id)
{
	if (id->about.item.n) {
		buf_char(raw, 1);
		put_field(raw, id->about.folder);
		buf_char(raw, 3);
		put_field(raw, id->about.item);
	}
	buf_put(raw, "\x07\x01\x01", 3);
}

/* MS-ASHTTP 2.2.1.1.1.1: version, command, locale, device id, policy key, device type. */
void query_put_base64(struct buf *out, const struct identity *id, enum command c)
{
	CLEANUP(buf_release) struct buf raw = BUF_INIT(QUERY_MAX_BYTES);
	bool keyed = commands[c].policy_key && id->policy_key;

	buf_char(&raw, (char)version_byte[id->version]);
	buf_char(&raw, (char)commands[c].code);
	put_little_endian(&raw, LOCALE_EN_US, 2);
	put_field(&raw, id->device_id);
	buf_char(&raw, keyed ? 4 : 0);
	if (keyed)
		put_little_endian(&raw, id->policy_key, 4);
	put_field(&raw, id->device_type);
	if (is_bare_mail(id, c))
		put_mail_parameters(&raw, id);
	if (id->accepts_parts && c == COMMAND_ITEM_OPERATIONS)
		buf_put(&raw, "\x07\x01\x02", 3); /* MS-ASHTTP 2.2.1.1.1.1.3: Options, AcceptMultiPart */
	if (buf_status(&raw))
		out->err = buf_status(&raw);
	base64_put(out, buf_view(&raw));
}

static void put_host(struct buf *out, const struct url *u)
{
	bool v6 = str_index(u->host, ':') < u->host.n;

	buf_fmt(out, v6 ? "Host: [" STR_FMT "]:%u\r\n" : "Host: " STR_FMT ":%u\r\n", STR_ARG(u->host), u->port);
}

static void put_common_headers(struct buf *out, const struct identity *id)
{
	CLEANUP(buf_release) struct buf credentials = BUF_INIT(CREDENTIALS_MAX_BYTES);

	put_host(out, &id->url);
	buf_cstr(out, "User-Agent: roost-phone/" ROOST_VERSION "\r\nAuthorization: Basic ");
	buf_str(&credentials, id->user);
	buf_char(&credentials, ':');
	buf_str(&credentials, id->password);
	if (buf_status(&credentials))
		out->err = buf_status(&credentials);
	base64_put(out, buf_view(&credentials));
	buf_cstr(out, "\r\n");
}

void request_put_options(struct buf *out, const struct identity *id)
{
	buf_fmt(out, "OPTIONS " STR_FMT " HTTP/1.1\r\n", STR_ARG(id->url.path));
	put_common_headers(out, id);
	buf_cstr(out, "\r\n");
}

/* With the base64 query, version and key are in the query and not in headers (MS-ASHTTP 2.2.1.1.2). */
static void put_protocol_headers(struct buf *out, const struct identity *id, enum command c)
{
	if (id->base64_query)
		return;
	buf_fmt(out, "MS-ASProtocolVersion: " STR_FMT "\r\n", STR_ARG(eas_version_text(id->version)));
	if (id->accepts_parts && c == COMMAND_ITEM_OPERATIONS)
		buf_cstr(out, "MS-ASAcceptMultiPart: T\r\n");
	if (commands[c].policy_key)
		buf_fmt(out, "X-MS-PolicyKey: %lu\r\n", (unsigned long)id->policy_key);
}

void request_put(struct buf *out, const struct identity *id, enum command c, struct str body)
{
	buf_fmt(out, "POST " STR_FMT "?", STR_ARG(id->url.path));
	if (id->base64_query)
		query_put_base64(out, id, c);
	else
		query_put_plain(out, id, c);
	buf_cstr(out, " HTTP/1.1\r\n");
	put_common_headers(out, id);
	put_protocol_headers(out, id, c);
	buf_cstr(out, "Accept-Encoding: gzip\r\nAccept-Language: en-us\r\n");
	if (body.n)
		buf_fmt(out, "Content-Type: %s\r\n",
			is_bare_mail(id, c) ? "message/rfc822" : "application/vnd.ms-sync.wbxml");
	buf_fmt(out, "Content-Length: %zu\r\n\r\n", body.n);
	buf_str(out, body);
}
