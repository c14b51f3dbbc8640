#include <store/policy_settings.h>

#include <base/base64.h>
#include <base/utf8.h>

#include <assert.h>

enum { SHA1_BYTES = 20, SHA1_BASE64_BYTES = 28 };

const struct policy_setting_def policy_settings[POLICY_SETTINGS_MAX_] = {
#define X(id, name, type, min, max, initial, from, enforcer) [id] = { name, type, min, max, initial, from, enforcer },
	POLICY_SETTINGS(X)
#undef X
};

enum err policy_setting_find(struct str name, enum policy_setting *ret)
{
	for (unsigned i = 0; i < POLICY_SETTINGS_MAX_; i++) {
		if (!str_ieq(name, str_of(policy_settings[i].name)))
			continue;
		*ret = (enum policy_setting)i;
		return ERR_OK;
	}
	return ERR_NOT_FOUND;
}

static bool is_number(const struct policy_setting_def *d, struct str value)
{
	int64_t v;

	if (value.n > 1 && value.p[0] == '0') /* one way to write each number, so that equal policies hash alike */
		return false;
	return str_to_i64(value, &v) == ERR_OK && v >= d->min && v <= d->max;
}

static bool is_calendar_range(const struct policy_setting_def *d, struct str value)
{
	return is_number(d, value) && !str_eq(value, S("1")) && !str_eq(value, S("2")) && !str_eq(value, S("3"));
}

/* Names without controls, none of them empty. */
static bool is_list(struct str value)
{
	struct str rest = value, name;

	if (!utf8_is_xml(value))
		return false;
	while (str_cut(&rest, ',', &name)) {
		if (str_trim(name).n == 0)
			return false;
		for (size_t i = 0; i < name.n; i++)
			if ((unsigned char)name.p[i] < ' ')
				return false;
	}
	return true;
}

static bool is_hashes(struct str value)
{
	CLEANUP(buf_release) struct buf octets = BUF_INIT(SHA1_BASE64_BYTES);
	struct str rest = value, hash;

	while (str_cut(&rest, ',', &hash)) {
		buf_clear(&octets);
		if (base64_decode(&octets, str_trim(hash)) || octets.n != SHA1_BYTES)
			return false;
	}
	return true;
}

static bool is_valid(const struct policy_setting_def *d, struct str value)
{
	switch (d->type) {
	case POLICY_BOOL:
	case POLICY_NUMBER:
		return is_number(d, value);
	case POLICY_NUMBER_OR_EMPTY:
		return value.n == 0 || is_number(d, value);
	case POLICY_CALENDAR_RANGE:
		return is_calendar_range(d, value);
	case POLICY_LIST:
		return value.n == 0 || is_list(value);
	case POLICY_HASHES:
		return value.n == 0 || is_hashes(value);
	}
	return false;
}

void policy_setting_expects(struct buf *b, enum policy_setting which)
{
	const struct policy_setting_def *d = &policy_settings[which];

	switch (d->type) {
	case POLICY_BOOL:
		buf_cstr(b, "0 or 1");
		break;
	case POLICY_NUMBER:
	case POLICY_NUMBER_OR_EMPTY:
		buf_fmt(b, "%lld to %lld%s", (long long)d->min, (long long)d->max,
			d->type == POLICY_NUMBER_OR_EMPTY ? ", or empty" : "");
		break;
	case POLICY_CALENDAR_RANGE:
		buf_cstr(b, "0, 4, 5, 6 or 7");
		break;
	case POLICY_LIST:
		buf_cstr(b, "names with commas between, or empty");
		break;
	case POLICY_HASHES:
		buf_cstr(b, "SHA-1 hashes in base64 with commas between, or empty");
		break;
	}
}

enum err policy_value_check(enum policy_setting which, struct str value, struct buf *why)
{
	assert(which < POLICY_SETTINGS_MAX_);
	if (value.n <= POLICY_VALUE_MAX && str_index(value, '\0') == value.n &&
	    is_valid(&policy_settings[which], value))
		return ERR_OK;
	buf_cstr(why, "expected ");
	policy_setting_expects(why, which);
	return ERR_INVALID;
}

const char *policy_enforcer_text(enum policy_enforcer by)
{
	static const char *const texts[] = {
		[POLICY_BY_PHONE] = "phone", [POLICY_BY_BOTH] = "phone and server", [POLICY_BY_SERVER] = "server"
	};

	return texts[by];
}
