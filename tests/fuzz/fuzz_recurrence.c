/*
 * Recurrence of events and of tasks, as phones send it: a rule that is taken and told in the same version is taken again, and is
 * the same.
 */
#include <gateway/activesync/event.h>
#include <gateway/activesync/todo.h>

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool open_document(struct buf *doc, unsigned char page, unsigned char token, struct str inner,
			  struct wbxml_reader *r, enum wbxml_tag root)
{
	buf_put(doc, "\x03\x01\x6a\x00\x00", 5);
	buf_char(doc, (char)page);
	buf_char(doc, (char)(token | 0x40));
	buf_str(doc, inner);
	buf_char(doc, '\x01');
	wbxml_reader_init(r, buf_view(doc));
	return buf_status(doc) == ERR_OK && wbxml_root(r, root) == ERR_OK;
}

static void assert_same(const struct cal_recurrence *a, const struct cal_recurrence *b)
{
	assert(a->frequency == b->frequency && a->interval == b->interval && a->count == b->count &&
	       a->weekdays == b->weekdays && a->week == b->week && a->day_of_month == b->day_of_month &&
	       a->month == b->month);
}

static void check_event(struct str inner, enum eas_version version)
{
	CLEANUP(buf_release) struct buf doc = BUF_INIT(1 << 20), told = BUF_INIT(1 << 16);
	const enum wbxml_tag root = TAG_CALENDAR_RECURRENCE;
	struct cal_recurrence rule, again;
	struct wbxml_reader r;
	struct wbxml_writer w;
	int64_t until, until_again;

	if (!open_document(&doc, root >> 8, root & 0xff, inner, &r, root) ||
	    event_parse_recurrence(&r, &rule, &until) || rule.frequency == CAL_NEVER)
		return;
	assert(rule.interval >= 1 && rule.week >= 0 && rule.week <= 5 && rule.weekdays <= 127);
	/* What the event's start completes is told as it is then. */
	if ((rule.frequency == CAL_MONTHLY || rule.frequency == CAL_YEARLY) && !rule.week && !rule.day_of_month)
		rule.day_of_month = 1;
	if (rule.frequency == CAL_YEARLY && !rule.month)
		rule.month = 1;
	rule.has_until = until != INT64_MIN;
	rule.until_ms = until;
	wbxml_writer_init(&w, &told);
	event_put_recurrence(&w, &rule, version);
	assert(buf_status(&told) == ERR_OK);
	wbxml_reader_init(&r, buf_view(&told));
	assert(wbxml_root(&r, root) == ERR_OK && event_parse_recurrence(&r, &again, &until_again) == ERR_OK);
	assert_same(&rule, &again);
}

static void check_task(struct str inner, enum eas_version version)
{
	CLEANUP(buf_release) struct buf doc = BUF_INIT(1 << 20), told = BUF_INIT(1 << 16);
	const enum wbxml_tag root = TAG_TASKS_RECURRENCE;
	struct todo_edit edit = { 0 }, again = { 0 };
	struct wbxml_reader r;
	struct wbxml_writer w;

	if (!open_document(&doc, root >> 8, root & 0xff, inner, &r, root) ||
	    task_parse_recurrence(&r, version, &edit) || edit.to.recurrence.frequency == CAL_NEVER)
		return;
	wbxml_writer_init(&w, &told);
	task_put_recurrence(&w, &edit.to, version);
	assert(buf_status(&told) == ERR_OK);
	wbxml_reader_init(&r, buf_view(&told));
	assert(wbxml_root(&r, root) == ERR_OK && task_parse_recurrence(&r, version, &again) == ERR_OK);
	assert_same(&edit.to.recurrence, &again.to.recurrence);
	assert(edit.to.regenerate == again.to.regenerate && edit.to.dead == again.to.dead);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum eas_version version;

	if (size < 1)
		return 0;
	version = (enum eas_version)(data[0] % EAS_VERSION_MAX_);
	check_event(str_from(data + 1, size - 1), version);
	check_task(str_from(data + 1, size - 1), version);
	return 0;
}
