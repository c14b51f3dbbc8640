/* Runs a fuzz target over the files of a folder, for builds without libFuzzer: target FOLDER. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *folder, const char *name)
{
	static unsigned char bytes[1 << 20];
	char path[4096];
	size_t n;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
		return 0;
	f = fopen(path, "rb");
	if (!f)
		return 0;
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	{
		/* An exact heap copy, so that the sanitizer sees a read past the end. */
		uint8_t *copy = malloc(n ? n : 1);

		if (!copy)
			abort();
		memcpy(copy, bytes, n);
		LLVMFuzzerTestOneInput(copy, n);
		free(copy);
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct dirent *entry;
	int ran = 0;
	DIR *dir;

	if (argc != 2 || !(dir = opendir(argv[1]))) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			ran += run_file(argv[1], entry->d_name);
	closedir(dir);
	printf("%d inputs\n", ran);
	return ran ? 0 : 1; /* an empty corpus proves nothing */
}
