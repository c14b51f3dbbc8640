/*
 * Follow-up flags. The kept form is a list of fields in the schema's order: index of the field (one byte), length (two
 * bytes, little-endian), text.
 */
#include <gateway/activesync/email_flag.h>

enum flag_field {
	FLAG_SUBJECT,
	FLAG_STATUS,
	FLAG_TYPE,
	FLAG_DATE_COMPLETED,
	FLAG_COMPLETE_TIME,
	FLAG_START,
	FLAG_DUE,
	FLAG_UTC_START,
	FLAG_UTC_DUE,
	FLAG_REMINDER_SET,
	FLAG_REMINDER_TIME,
	FLAG_ORDINAL,
	FLAG_SUB_ORDINAL,
	FLAG_FIELD_MAX_
};

/* The numbers stand in stored mailboxes: append only. */
static const enum wbxml_tag field_tags[] = {
	[FLAG_SUBJECT] = TAG_TASKS_SUBJECT,
	[FLAG_STATUS] = TAG_EMAIL_STATUS,
	[FLAG_TYPE] = TAG_EMAIL_FLAGTYPE,
	[FLAG_DATE_COMPLETED] = TAG_TASKS_DATECOMPLETED,
	[FLAG_COMPLETE_TIME] = TAG_EMAIL_COMPLETETIME,
	[FLAG_START] = TAG_TASKS_STARTDATE,
	[FLAG_DUE] = TAG_TASKS_DUEDATE,
	[FLAG_UTC_START] = TAG_TASKS_UTCSTARTDATE,
	[FLAG_UTC_DUE] = TAG_TASKS_UTCDUEDATE,
	[FLAG_REMINDER_SET] = TAG_TASKS_REMINDERSET,
	[FLAG_REMINDER_TIME] = TAG_TASKS_REMINDERTIME,
	[FLAG_ORDINAL] = TAG_TASKS_ORDINALDATE,
	[FLAG_SUB_ORDINAL] = TAG_TASKS_SUBORDINALDATE,
};
_Static_assert(countof(field_tags) == FLAG_FIELD_MAX_, "a tag for each field");

enum { FIELD_HEAD_BYTES = 3, FIELD_MAX_BYTES = 1024 };

struct flag {
	struct str field[FLAG_FIELD_MAX_]; /* .p NULL: absent */
};

static enum err parse_field(struct wbxml_reader *r, struct flag *f)
{
	for (unsigned i = 0; i < FLAG_FIELD_MAX_; i++) {
		if (field_tags[i] != r->tag)
			continue;
		TRY(wbxml_text(r, &f->field[i]));
		if (!f->field[i].p)
			f->field[i] = S("");
		return f->field[i].n <= FIELD_MAX_BYTES ? ERR_OK : ERR_INVALID;
	}
	return ERR_INVALID;
}

/* YYYY-MM-DDTHH:MM:SS[.mmm]Z sorts as its text does up to the seconds (MS-ASDTYPE 2.3). */
static bool is_after(struct str a, struct str b)
{
	const size_t seconds = sizeof("2026-01-01T00:00:00") - 1;

	return str_cmp(str_slice(a, 0, seconds), str_slice(b, 0, seconds)) > 0;
}

static enum err parse_status(const struct flag *f, enum email_flag_status *ret)
{
	uint64_t v = EMAIL_FLAG_CLEARED;

	if (f->field[FLAG_STATUS].n && str_to_u64(f->field[FLAG_STATUS], EMAIL_FLAG_ACTIVE, &v))
		return ERR_INVALID; /* R757 */
	*ret = (enum email_flag_status)v;
	return ERR_OK;
}

static enum err check(const struct flag *f, enum email_flag_status status)
{
	static const enum flag_field dates[] = { FLAG_START, FLAG_DUE, FLAG_UTC_START, FLAG_UTC_DUE };
	unsigned set = 0;

	/* R86, R92, R334, R358. Dates of a flag that is set are another matter: 2.2.2.34 calls them optional, and phones do. */
	if (status == EMAIL_FLAG_COMPLETE && (!f->field[FLAG_COMPLETE_TIME].n || !f->field[FLAG_DATE_COMPLETED].n))
		return ERR_INVALID;
	for (size_t i = 0; i < countof(dates); i++)
		set += f->field[dates[i]].n > 0;
	if (set != 0 && set != countof(dates))
		return ERR_INVALID; /* R409: all or none */
	if (set && (is_after(f->field[FLAG_START], f->field[FLAG_DUE]) ||
		    is_after(f->field[FLAG_UTC_START], f->field[FLAG_UTC_DUE])))
		return ERR_INVALID; /* R407, R851 */
	if (str_eq(f->field[FLAG_REMINDER_SET], S("1")) && f->field[FLAG_REMINDER_TIME].n == 0)
		return ERR_INVALID; /* R702 */
	return ERR_OK;
}

static void keep_field(struct buf *kept, enum flag_field i, struct str text)
{
	buf_char(kept, (char)i);
	buf_char(kept, (char)(text.n & 0xff));
	buf_char(kept, (char)(text.n >> 8));
	buf_str(kept, text);
}

enum err email_flag_parse(struct wbxml_reader *r, struct buf *kept, enum email_flag_status *ret)
{
	struct wbxml_scope scope = wbxml_enter(r);
	enum email_flag_status status;
	struct flag f = { 0 };
	enum err bad = ERR_OK;

	while (wbxml_child(r, &scope, &bad))
		TRY(parse_field(r, &f));
	if (bad)
		return bad;
	TRY(parse_status(&f, &status));
	if (status != EMAIL_FLAG_CLEARED) {
		TRY(check(&f, status));
		for (unsigned i = 0; i < FLAG_FIELD_MAX_; i++)
			if (f.field[i].n)
				keep_field(kept, (enum flag_field)i, f.field[i]);
	}
	*ret = status;
	return buf_status(kept);
}

void email_flag_plain(struct buf *kept)
{
	keep_field(kept, FLAG_STATUS, S("2"));
	keep_field(kept, FLAG_TYPE, S("for Follow Up"));
}

/* The next field of a kept form; false at its end, or where it is damaged. */
static bool next_field(struct str *kept, unsigned *ret_field, struct str *ret_text)
{
	const unsigned char *p = (const unsigned char *)kept->p;
	size_t n;

	if (kept->n < FIELD_HEAD_BYTES)
		return false;
	n = p[1] | (size_t)p[2] << 8;
	if (p[0] >= FLAG_FIELD_MAX_ || n > kept->n - FIELD_HEAD_BYTES)
		return false;
	*ret_field = p[0];
	*ret_text = str_slice(*kept, FIELD_HEAD_BYTES, FIELD_HEAD_BYTES + n);
	*kept = str_slice(*kept, FIELD_HEAD_BYTES + n, kept->n);
	return true;
}

void email_flag_put(struct wbxml_writer *w, struct str kept, enum eas_version version)
{
	struct str text;
	unsigned i;

	if (kept.n == 0) {
		wbxml_empty(w, TAG_EMAIL_FLAG);
		return;
	}
	wbxml_open(w, TAG_EMAIL_FLAG);
	while (next_field(&kept, &i, &text))
		if (wbxml_tag_in(field_tags[i], version))
			wbxml_put_text(w, field_tags[i], text);
	wbxml_close(w, TAG_EMAIL_FLAG);
}

enum email_flag_status email_flag_status(struct str kept)
{
	enum email_flag_status status = EMAIL_FLAG_CLEARED;
	struct flag f = { 0 };
	struct str text;
	unsigned i;

	while (next_field(&kept, &i, &text))
		f.field[i] = text;
	return parse_status(&f, &status) ? EMAIL_FLAG_CLEARED : status;
}
