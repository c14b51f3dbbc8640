/*
 * peak FILE COMMAND…: runs a command and writes its peak resident size in bytes to a file; exits with its status. It is
 * small itself, since what a process had before exec counts for the program after it.
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_CANNOT = 127, BYTES_PER_UNIT = 1024 /* of ru_maxrss */ };

int main(int argc, char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid;
	FILE *f;

	if (argc < 3 || (pid = fork()) < 0)
		return EXIT_CANNOT;
	if (pid == 0) {
		execv(argv[2], argv + 2);
		_exit(EXIT_CANNOT);
	}
	if (wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status))
		return EXIT_CANNOT;
	f = fopen(argv[1], "w");
	if (!f)
		return EXIT_CANNOT;
	fprintf(f, "%ld\n", usage.ru_maxrss * BYTES_PER_UNIT);
	return fclose(f) ? EXIT_CANNOT : WEXITSTATUS(status);
}
