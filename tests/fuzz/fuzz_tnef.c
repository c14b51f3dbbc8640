/* However the octets are cut, the same files are found, each inside of the octets, and texts are bounded. */
#include <gateway/content/tnef.h>

#include <stdlib.h>

enum { STEP_PRIME = 13, ARENA_BYTES = 16 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void describe(struct buf *out, const struct tnef *t, size_t size)
{
	buf_fmt(out, STR_FMT "%d", STR_ARG(t->message_class), t->has_body);
	for (size_t i = 0; i < t->files_n; i++) {
		const struct tnef_file *f = &t->files[i];

		if (f->off > size || f->len > size - f->off)
			abort();
		buf_fmt(out, "|" STR_FMT "|" STR_FMT "|" STR_FMT "|" STR_FMT "|%llu+%llu|%d%d", STR_ARG(f->name),
			STR_ARG(f->content_type), STR_ARG(f->content_id), STR_ARG(f->location),
			(unsigned long long)f->off, (unsigned long long)f->len, f->has_data, f->is_object);
	}
}

static void read_in_steps(struct str in, size_t step, struct buf *out)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	CLEANUP(tnef_release) struct tnef_reader r;
	struct str rest = in;
	enum err e = ERR_OK;
	struct tnef t;

	tnef_init(&r, &a);
	for (; rest.n && !e; rest = str_slice(rest, step, rest.n))
		e = tnef_put(&r, str_slice(rest, 0, step));
	if (tnef_finish(&r, &t))
		buf_fmt(out, "error %d", tnef_finish(&r, &t));
	else
		describe(out, &t, in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 1, STEP_PRIME };
	CLEANUP(buf_release) struct buf whole = BUF_INIT(SIZE_MAX);
	struct str in = str_from(data, size);

	read_in_steps(in, SIZE_MAX, &whole);
	for (size_t i = 0; i < countof(steps); i++) {
		CLEANUP(buf_release) struct buf cut = BUF_INIT(SIZE_MAX);

		read_in_steps(in, steps[i], &cut);
		if (!str_eq(buf_view(&whole), buf_view(&cut)))
			abort();
	}
	return 0;
}
