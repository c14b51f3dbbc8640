/* tnef_files FILE: the files in a winmail.dat, for tnef_judge.py: length and name in a line, then the octets. */
#include "support.h"

#include <gateway/content/tnef.h>

#include <stdio.h>

static enum err list(struct arena *a, struct str in)
{
	CLEANUP(tnef_release) struct tnef_reader r;
	struct tnef t;

	tnef_init(&r, a);
	TRY(tnef_put(&r, in));
	TRY(tnef_finish(&r, &t));
	for (size_t i = 0; i < t.files_n; i++) {
		const struct tnef_file *f = &t.files[i];

		printf("%llu " STR_FMT "\n", (unsigned long long)f->len, STR_ARG(f->name));
		if (fwrite(in.p + f->off, 1, f->len, stdout) != f->len)
			return ERR_IO;
	}
	return ERR_OK;
}

int main(int argc, char **argv)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(TEST_ARENA_MAX);
	CLEANUP(buf_release) struct buf in = BUF_INIT(TEST_FILE_MAX);

	return argc != 2 || file_read(&in, argv[1]) || list(&a, buf_view(&in));
}
