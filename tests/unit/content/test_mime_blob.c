/* The stored form of a structure. */
#include "support.h"

#include <gateway/content/blob.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct str message = STR_INIT(
	"Content-Type: multipart/mixed; boundary=x\n\n"
	"--x\nContent-Type: message/rfc822\n\nSubject: s\n\nhello\n"
	"--x\nContent-Type: image/png; name=a.png\nContent-ID: <i@d>\nContent-Transfer-Encoding: base64\n\nAAAA\n"
	"--x--\n");

static void a_structure_reads_back_as_it_was(void **unused)
{
	CLEANUP(buf_release)
	struct buf blob = BUF_INIT(MIME_BLOB_MAX), before = BUF_INIT(100000), after = BUF_INIT(100000);
	CLEANUP(mail_release) struct mail m;
	struct mime_structure read;

	(void)unused;
	mail_load(&m, message, 0);
	mime_structure_put(&blob, &m.mime);
	assert_int_equal(buf_status(&blob), ERR_OK);
	assert_int_equal(mime_structure_get(&m.arena, buf_view(&blob), &read), ERR_OK);
	structure_text(&before, &m.mime);
	structure_text(&after, &read);
	assert_true(str_eq(buf_view(&before), buf_view(&after)));
}

static void a_single_part_takes_few_octets(void **unused)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(MIME_BLOB_MAX);
	CLEANUP(mail_release) struct mail m;

	(void)unused;
	mail_load(&m, S("Content-Type: text/plain; charset=utf-8\n\nhello\n"), 0);
	mime_structure_put(&blob, &m.mime);
	assert_true(blob.n <= 40);
}

static void a_blob_of_another_version_is_stale(void **unused)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(TEST_ARENA_MAX);
	CLEANUP(buf_release) struct buf blob = BUF_INIT(100);
	struct mime_structure m;

	(void)unused;
	blob_put_u64(&blob, MIME_PARSER_VERSION + 1);
	buf_cstr(&blob, "anything");
	assert_int_equal(mime_structure_get(&a, buf_view(&blob), &m), ERR_STALE);
	assert_int_equal(mime_structure_get(&a, S(""), &m), ERR_CORRUPT);
}

/* Every offset lies in the message and every parent before its child, or the blob is refused. */
static void check_bounds(const struct mime_structure *m)
{
	for (size_t i = 0; i < m->parts_n; i++) {
		const struct mime_part *p = &m->parts[i];

		assert_true(p->parent < (int32_t)i && (i == 0) == (p->parent < 0));
		assert_true(p->body_off <= m->size && p->body_len <= m->size - p->body_off);
		assert_true(p->hdr_off + p->hdr_len == p->body_off);
	}
}

static void damaged_blobs_are_refused_or_harmless(void **unused)
{
	CLEANUP(buf_release) struct buf blob = BUF_INIT(MIME_BLOB_MAX);
	CLEANUP(mail_release) struct mail m;
	struct mime_structure read;

	(void)unused;
	mail_load(&m, message, 0);
	mime_structure_put(&blob, &m.mime);
	for (size_t n = 1; n < blob.n; n++)
		assert_int_equal(mime_structure_get(&m.arena, str_slice(buf_view(&blob), 0, n), &read), ERR_CORRUPT);
	for (size_t at = 1; at < blob.n; at++)
		for (unsigned bit = 0; bit < 8; bit++) {
			CLEANUP(arena_release) struct arena a = ARENA_INIT(TEST_ARENA_MAX);

			blob.p[at] = (char)(blob.p[at] ^ 1 << bit);
			if (mime_structure_get(&a, buf_view(&blob), &read) == ERR_OK)
				check_bounds(&read);
			blob.p[at] = (char)(blob.p[at] ^ 1 << bit);
		}
	buf_char(&blob, 0);
	assert_int_equal(mime_structure_get(&m.arena, buf_view(&blob), &read), ERR_CORRUPT);
}

static void numbers_of_all_sizes_read_back(void **unused)
{
	static const uint64_t numbers[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX };
	static const int64_t signed_numbers[] = { 0, -1, 1, INT64_MIN, INT64_MAX };
	CLEANUP(buf_release) struct buf blob = BUF_INIT(1000);
	struct blob_reader r = { 0 };

	(void)unused;
	for (size_t i = 0; i < countof(numbers); i++)
		blob_put_u64(&blob, numbers[i]);
	for (size_t i = 0; i < countof(signed_numbers); i++)
		blob_put_i64(&blob, signed_numbers[i]);
	r.rest = buf_view(&blob);
	for (size_t i = 0; i < countof(numbers); i++)
		assert_true(blob_u64(&r) == numbers[i]);
	for (size_t i = 0; i < countof(signed_numbers); i++)
		assert_true(blob_i64(&r) == signed_numbers[i]);
	assert_int_equal(blob_end(&r), ERR_OK);
	r.rest = S("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"); /* 65 bits */
	(void)blob_u64(&r);
	assert_int_equal(blob_end(&r), ERR_CORRUPT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_structure_reads_back_as_it_was),
		cmocka_unit_test(a_single_part_takes_few_octets),
		cmocka_unit_test(a_blob_of_another_version_is_stale),
		cmocka_unit_test(damaged_blobs_are_refused_or_harmless),
		cmocka_unit_test(numbers_of_all_sizes_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
