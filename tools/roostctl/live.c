/* Questions to the running server. */
#include <tools/roostctl/live.h>

enum status live_ask(struct ctl *c, const struct ask *ask, struct buf *out)
{
	enum err e = ask_server(c->config.server.state_dir, ask, out);

	if (e == ERR_OK)
		return STATUS_DONE;
	if (e == ERR_NOT_FOUND)
		ctl_say("roostd does not run with this state_dir (%s)", c->config.server.state_dir);
	else if (e == ERR_DENIED)
		ctl_say("%s: " STR_FMT, ask_name(ask->verb), STR_ARG(buf_view(out)));
	else
		return ctl_fail(e, "roostd does not answer");
	return STATUS_FAILED;
}

json_t *live_next(struct str *rest)
{
	struct str line;

	while (str_cut(rest, '\n', &line)) {
		json_t *object = line.n ? json_loadb(line.p, line.n, 0, NULL) : NULL;

		if (json_is_object(object))
			return object;
		json_decref(object);
	}
	return NULL;
}

struct str live_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_string(value) ? str_from(json_string_value(value), json_string_length(value)) : STR_EMPTY;
}

int64_t live_number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool live_flag(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

struct str live_account(struct ctl *c, struct store_tx *directory, int64_t account)
{
	struct account row;

	if (account == 0 || account_get(&c->arena, directory, account, &row))
		return S("-");
	return row.address;
}

void live_put_age(struct buf *b, int64_t ms)
{
	static const struct {
		int64_t unit_s, part_s;
		char unit, part;
	} forms[] = { { 24 * 60 * 60, 60 * 60, 'd', 'h' }, { 60 * 60, 60, 'h', 'm' }, { 60, 1, 'm', 's' } };
	long long s = ms / 1000;

	for (size_t i = 0; i < countof(forms); i++) {
		if (s < forms[i].unit_s)
			continue;
		buf_fmt(b, "%lld%c%02lld%c", s / forms[i].unit_s, forms[i].unit, s % forms[i].unit_s / forms[i].part_s,
			forms[i].part);
		return;
	}
	buf_fmt(b, "%llds", s);
}
