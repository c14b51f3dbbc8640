/* What the tests of calendars share. */
#include "calendar_support.h"

struct str write_text(struct arena *a, struct str text, const struct cal_edit *edit)
{
	CLEANUP(buf_release) struct buf out = BUF_INIT(TEXT_MAX);
	struct str ret;

	assert_int_equal(cal_write(a, text, edit, &out), ERR_OK);
	assert_int_equal(arena_str(a, buf_view(&out), &ret), ERR_OK);
	return ret;
}

struct cal_series read_series(struct arena *a, struct str text)
{
	struct cal_series s;

	assert_int_equal(cal_series_read(a, text, &s), ERR_OK);
	return s;
}

bool text_has(struct str text, const char *needle)
{
	return str_find(text, str_of(needle)) < text.n;
}
