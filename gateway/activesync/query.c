/* Changes with the forms of the query. */
#include <gateway/activesync/query.h>

#include <base/base64.h>
#include <base/hex.h>
#include <gateway/activesync/limits.h>

/* A '%' that no two hexadecimal digits follow stands for itself, as phones with '%' in a user name need. */
static enum err percent_decode(struct arena *a, struct str raw, bool plus_is_blank, struct str *ret)
{
	char *out = arena_alloc(a, raw.n + 1);
	size_t n = 0;

	if (!out)
		return ERR_LIMIT;
	for (size_t i = 0; i < raw.n; i++) {
		int octet = raw.p[i] == '%' ? hex_pair(raw, i + 1) : -1;

		if (octet >= 0) {
			out[n++] = (char)octet;
			i += 2;
		} else {
			out[n++] = plus_is_blank && raw.p[i] == '+' ? ' ' : raw.p[i];
		}
	}
	*ret = str_from(out, n);
	return ERR_OK;
}

static struct str *plain_field(struct eas_query *q, struct str name)
{
	const struct {
		const char *name;
		struct str *field;
	} fields[] = {
		{ "Cmd", &q->command },
		{ "User", &q->user },
		{ "DeviceId", &q->device_id },
		{ "DeviceType", &q->device_type },
		{ "AttachmentName", &q->attachment_name },
		{ "CollectionId", &q->collection_id },
		{ "ItemId", &q->item_id },
		{ "LongId", &q->long_id },
		{ "Occurrence", &q->occurrence },
	};

	for (size_t i = 0; i < countof(fields); i++)
		if (str_ieq(name, str_of(fields[i].name)))
			return fields[i].field;
	return NULL;
}

static enum err plain_parameter(struct arena *a, struct str part, struct eas_query *q)
{
	struct str value = part, name, *field;

	if (!str_cut(&value, '=', &name) || !value.p)
		return ERR_OK;
	if (str_ieq(name, S("SaveInSent"))) { /* MS-ASHTTP_R121: T or F */
		if (str_ieq(value, S("T")))
			q->options |= EAS_OPTION_SAVE_IN_SENT;
		return ERR_OK;
	}
	field = plain_field(q, name);
	return field && !field->p ? percent_decode(a, value, true, field) : ERR_OK;
}

static enum err plain_parse(struct arena *a, struct str raw, struct eas_query *q)
{
	struct str part;

	while (str_cut(&raw, '&', &part))
		TRY(plain_parameter(a, part, q));
	return ERR_OK;
}

/* What is left of the decoded bytes. */
struct bytes {
	const uint8_t *p;
	size_t n;
};

static bool take(struct bytes *in, size_t n, const uint8_t **ret)
{
	if (n > in->n)
		return false;
	*ret = in->p;
	in->p += n;
	in->n -= n;
	return true;
}

static bool take_byte(struct bytes *in, uint8_t *ret)
{
	const uint8_t *p;

	if (!take(in, 1, &p))
		return false;
	*ret = *p;
	return true;
}

/* One byte of length, then that many bytes. */
static bool take_text(struct bytes *in, struct str *ret)
{
	const uint8_t *p;
	uint8_t n;

	if (!take_byte(in, &n) || !take(in, n, &p))
		return false;
	*ret = str_from(p, n);
	return true;
}

static bool take_locale(struct bytes *in, uint16_t *ret)
{
	const uint8_t *p;

	if (!take(in, 2, &p))
		return false;
	*ret = (uint16_t)(p[0] | p[1] << 8);
	return true;
}

/* MS-ASHTTP_R38: 0 or 4 bytes. */
static bool take_policy_key(struct bytes *in, uint32_t *ret)
{
	struct str key;

	if (!take_text(in, &key) || (key.n != 0 && key.n != 4))
		return false;
	*ret = 0;
	for (size_t i = key.n; i > 0; i--)
		*ret = *ret << 8 | (uint8_t)key.p[i - 1];
	return true;
}

static bool is_printable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return false;
	return true;
}

/* MS-ASHTTP_R34: a string or a GUID; a GUID's bytes are made a text that can be compared, stored and logged. */
static enum err base64_device_id(struct arena *a, struct str sent, struct str *ret)
{
	static const char digits[] = "0123456789abcdef";
	char *hex;

	if (sent.n != 16 || is_printable(sent)) {
		*ret = sent;
		return ERR_OK;
	}
	hex = arena_alloc(a, 2 * sent.n);
	if (!hex)
		return ERR_LIMIT;
	for (size_t i = 0; i < sent.n; i++) {
		hex[2 * i] = digits[(uint8_t)sent.p[i] >> 4];
		hex[2 * i + 1] = digits[(uint8_t)sent.p[i] & 15];
	}
	*ret = str_from(hex, 2 * sent.n);
	return ERR_OK;
}

/* MS-ASHTTP 2.2.1.1.1.1.3; tags that are not in its table are passed over. */
static enum err base64_parameter(struct bytes *in, struct eas_query *q)
{
	struct str *const fields[] = {
		[0] = &q->attachment_name, [1] = &q->collection_id, [3] = &q->item_id,
		[4] = &q->long_id,         [6] = &q->occurrence,    [8] = &q->user,
	};
	enum { TAG_OPTIONS = 7 };
	struct str value;
	uint8_t tag;

	if (!take_byte(in, &tag) || !take_text(in, &value))
		return ERR_INVALID;
	if (tag == TAG_OPTIONS) {
		if (value.n != 1)
			return ERR_INVALID;
		q->options = (uint8_t)value.p[0] & (EAS_OPTION_SAVE_IN_SENT | EAS_OPTION_ACCEPT_MULTIPART);
	} else if (tag < countof(fields) && fields[tag]) {
		*fields[tag] = value;
	}
	return ERR_OK;
}

static enum err base64_fields(struct arena *a, struct bytes in, struct eas_query *q)
{
	struct str device_id;

	if (!take_byte(&in, &q->version) || !take_byte(&in, &q->code) || !take_locale(&in, &q->locale) ||
	    !take_text(&in, &device_id) || !take_policy_key(&in, &q->policy_key) || !take_text(&in, &q->device_type))
		return ERR_INVALID;
	TRY(base64_device_id(a, device_id, &q->device_id));
	while (in.n > 0)
		TRY(base64_parameter(&in, q));
	return ERR_OK;
}

/* Padding may be missing, or be sent as %3D. */
static enum err base64_parse(struct arena *a, struct str raw, struct eas_query *q)
{
	CLEANUP(buf_release) struct buf bytes = BUF_INIT(EAS_MAX_QUERY_BYTES);
	CLEANUP(buf_release) struct buf padded = BUF_INIT(EAS_MAX_QUERY_BYTES + 4);
	struct str text, copy;

	TRY(percent_decode(a, raw, false, &text));
	while (text.n > 0 && text.p[text.n - 1] == '=')
		text.n--;
	buf_str(&padded, text);
	while (padded.n % 4 != 0)
		buf_char(&padded, '=');
	TRY(buf_status(&padded));
	TRY(base64_decode(&bytes, buf_view(&padded)));
	TRY(arena_str(a, buf_view(&bytes), &copy));
	q->base64 = true;
	return base64_fields(a, (struct bytes){ (const uint8_t *)copy.p, copy.n }, q);
}

/* The plain form always has its Cmd parameter; base64 has no '&' and nothing behind a '='. */
static bool is_plain(struct str raw)
{
	struct str part;

	while (str_cut(&raw, '&', &part))
		if (str_istarts(part, S("Cmd=")))
			return true;
	return false;
}

enum err eas_query_parse(struct arena *a, struct str raw, struct eas_query *ret)
{
	struct eas_query q = { 0 };

	if (raw.n > EAS_MAX_QUERY_BYTES)
		return ERR_LIMIT;
	TRY(is_plain(raw) ? plain_parse(a, raw, &q) : base64_parse(a, raw, &q));
	*ret = q;
	return ERR_OK;
}

enum err eas_query_version(uint8_t byte, enum eas_version *ret)
{
	static const struct {
		uint8_t byte;
		enum eas_version version;
	} versions[] = {
		/* The form came with 12.1. */
		{ 121, EAS_12_1 }, { 140, EAS_14_0 }, { 141, EAS_14_1 }, { 160, EAS_16_0 }, { 161, EAS_16_1 },
	};

	for (size_t i = 0; i < countof(versions); i++) {
		if (versions[i].byte == byte) {
			*ret = versions[i].version;
			return ERR_OK;
		}
	}
	return ERR_NOT_FOUND;
}
