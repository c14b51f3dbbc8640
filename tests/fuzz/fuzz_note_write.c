/* Notes as phones write them (write_again.h). */
#include "write_again.h"

#include <gateway/activesync/todo.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool readable(struct arena *a, struct str octets)
{
	struct todo todo;

	return todo_read(a, octets, TODO_NOTE, &todo) == ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 2)
		check_write(data, size, note_write, readable);
	return 0;
}
