/* COMPRESS: what is read, and the pieces that are written. */
#include <gateway/imap/deflate.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <zlib.h>
#include <cmocka.h>

enum { BOMB_BYTES = 40 * 1024 * 1024 };

/* What a client sends. flush: how each piece of it ends. */
static void compress_text(struct str text, int flush, struct buf *ret)
{
	z_stream z = { 0 };
	char *room = buf_reserve(ret, text.n / 2 + 4096);

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)text.p;
	z.avail_in = (uInt)text.n;
	z.next_out = (Bytef *)room;
	z.avail_out = (uInt)(text.n / 2 + 4096);
	deflate(&z, flush);
	assert_int_equal(z.avail_in, 0);
	buf_added(ret, z.total_out);
	deflateEnd(&z);
}

/* As a session reads: all that is there of the bytes that have come, `part` of them at a time. */
static enum err read_all(struct imap_deflate *d, struct str bytes, size_t part, struct buf *ret)
{
	while (bytes.n) {
		struct str in = str_slice(bytes, 0, part);

		bytes = str_slice(bytes, part, bytes.n);
		for (;;) {
			struct str plain;

			TRY(imap_deflate_take(d, &in));
			plain = imap_deflate_plain(d);
			if (plain.n == 0)
				break;
			buf_str(ret, plain);
			imap_deflate_consume(d, plain.n);
		}
	}
	return buf_status(ret);
}

/* A text in which little is new, so that the last octets of the input stand for a lot. */
static void fill(struct buf *b, size_t n)
{
	for (size_t i = 0; b->n < n; i++)
		buf_fmt(b, "%zu the same again ", i % 7);
	b->n = n;
}

static void what_came_last_stands_for_all_of_it(void **unused)
{
	static const size_t sizes[] = { 1, 32767, 32768, 32769, 65536, 65537, 100000, 1000003 };
	static const size_t parts[] = { 1, 2, 7, 4096, SIZE_MAX };

	(void)unused;
	for (size_t i = 0; i < countof(sizes); i++)
		for (size_t k = 0; k < countof(parts); k++) {
			struct imap_deflate *d = imap_deflate_new();
			struct buf text = BUF_INIT(SIZE_MAX), packed = BUF_INIT(SIZE_MAX), got = BUF_INIT(SIZE_MAX);

			fill(&text, sizes[i]);
			compress_text(buf_view(&text), Z_SYNC_FLUSH, &packed);
			assert_int_equal(read_all(d, buf_view(&packed), parts[k], &got), ERR_OK);
			assert_int_equal(got.n, text.n);
			assert_memory_equal(got.p, text.p, text.n);
			imap_deflate_free(&d);
			buf_release(&text);
			buf_release(&packed);
			buf_release(&got);
		}
}

static void a_bomb_is_read_in_small_pieces(void **unused)
{
	struct imap_deflate *d = imap_deflate_new();
	struct buf zeros = BUF_INIT(SIZE_MAX), packed = BUF_INIT(SIZE_MAX);
	struct str in;
	size_t all = 0;

	(void)unused;
	assert_non_null(buf_reserve(&zeros, BOMB_BYTES));
	memset(zeros.p, 0, BOMB_BYTES);
	buf_added(&zeros, BOMB_BYTES);
	compress_text(buf_view(&zeros), Z_SYNC_FLUSH, &packed);
	in = buf_view(&packed);
	for (struct str plain;; imap_deflate_consume(d, plain.n)) {
		assert_int_equal(imap_deflate_take(d, &in), ERR_OK);
		plain = imap_deflate_plain(d);
		if (plain.n == 0)
			break;
		assert_true(plain.n <= 32 * 1024);
		all += plain.n;
	}
	assert_int_equal(all, BOMB_BYTES);
	imap_deflate_free(&d);
	buf_release(&zeros);
	buf_release(&packed);
}

/* Blocks that stand for nothing, as many as there may be: they are taken, in a loop and not in a recursion. */
static void blocks_that_stand_for_nothing_are_taken(void **unused)
{
	struct imap_deflate *d = imap_deflate_new();
	struct buf bytes = BUF_INIT(SIZE_MAX), got = BUF_INIT(SIZE_MAX);

	(void)unused;
	for (int i = 0; i < 200000; i++)
		buf_put(&bytes, "\0\0\0\xff\xff", 5);
	assert_int_equal(read_all(d, buf_view(&bytes), SIZE_MAX, &got), ERR_OK);
	assert_int_equal(got.n, 0);
	imap_deflate_free(&d);
	buf_release(&bytes);
}

static void what_is_damaged_or_ends_is_an_error(void **unused)
{
	struct imap_deflate *d = imap_deflate_new();
	struct buf packed = BUF_INIT(SIZE_MAX), got = BUF_INIT(SIZE_MAX);

	(void)unused;
	assert_int_equal(read_all(d, S("a NOOP\r\n"), SIZE_MAX, &got), ERR_CORRUPT);
	imap_deflate_free(&d);
	d = imap_deflate_new();
	compress_text(S("a NOOP\r\n"), Z_FINISH, &packed);
	assert_int_equal(read_all(d, buf_view(&packed), SIZE_MAX, &got), ERR_CORRUPT);
	imap_deflate_free(&d);
	buf_release(&packed);
	buf_release(&got);
}

/* Inflates a piece as clients do that have room for no more than that, and returns what it stands for. */
static size_t inflate_piece(z_stream *z, struct str piece, struct buf *ret)
{
	char *room = buf_reserve(ret, IMAP_DEFLATE_PIECE_BYTES);

	z->next_in = (Bytef *)(uintptr_t)piece.p;
	z->avail_in = (uInt)piece.n;
	z->next_out = (Bytef *)room;
	z->avail_out = IMAP_DEFLATE_PIECE_BYTES;
	assert_int_equal(inflate(z, Z_SYNC_FLUSH), Z_OK);
	assert_int_equal(z->avail_in, 0);
	buf_added(ret, IMAP_DEFLATE_PIECE_BYTES - z->avail_out);
	return IMAP_DEFLATE_PIECE_BYTES - z->avail_out;
}

static void an_answer_goes_out_in_pieces_that_can_be_read_one_by_one(void **unused)
{
	static const size_t sizes[] = { 1,
					IMAP_DEFLATE_PIECE_BYTES - 1,
					IMAP_DEFLATE_PIECE_BYTES,
					IMAP_DEFLATE_PIECE_BYTES + 1,
					192 * 1024,
					1000003 };
	struct imap_deflate *d = imap_deflate_new();
	z_stream z = { 0 };

	(void)unused;
	assert_int_equal(inflateInit2(&z, -15), Z_OK);
	for (size_t i = 0; i < countof(sizes); i++) {
		struct buf text = BUF_INIT(SIZE_MAX), answer = BUF_INIT(SIZE_MAX), got = BUF_INIT(SIZE_MAX);
		struct str rest, piece;
		size_t pieces = 0;

		fill(&text, sizes[i]);
		buf_str(&answer, buf_view(&text));
		imap_deflate_pack(d, &answer);
		rest = buf_view(&answer);
		for (; imap_deflate_piece(d, &rest, &piece); pieces++)
			assert_true(inflate_piece(&z, piece, &got) > 0);
		assert_int_equal(rest.n, 0);
		assert_int_equal(pieces, (sizes[i] + IMAP_DEFLATE_PIECE_BYTES - 1) / IMAP_DEFLATE_PIECE_BYTES);
		assert_int_equal(got.n, text.n);
		assert_memory_equal(got.p, text.p, text.n);
		buf_release(&text);
		buf_release(&answer);
		buf_release(&got);
	}
	inflateEnd(&z);
	imap_deflate_free(&d);
}

/* CVE-2026-40203: the length of an answer tells nothing of what another one held. */
static void no_answer_is_shorter_for_what_was_said_before(void **unused)
{
	struct imap_deflate *d = imap_deflate_new();
	struct buf first = BUF_INIT(SIZE_MAX), again = BUF_INIT(SIZE_MAX);
	struct str secret = S("* 1 FETCH (BODY[] the password is quite a long one)\r\n");

	(void)unused;
	buf_str(&first, secret);
	buf_str(&again, secret);
	imap_deflate_pack(d, &first);
	imap_deflate_pack(d, &again);
	assert_int_equal(first.n, again.n);
	imap_deflate_free(&d);
	buf_release(&first);
	buf_release(&again);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_came_last_stands_for_all_of_it),
		cmocka_unit_test(a_bomb_is_read_in_small_pieces),
		cmocka_unit_test(blocks_that_stand_for_nothing_are_taken),
		cmocka_unit_test(what_is_damaged_or_ends_is_an_error),
		cmocka_unit_test(an_answer_goes_out_in_pieces_that_can_be_read_one_by_one),
		cmocka_unit_test(no_answer_is_shorter_for_what_was_said_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
