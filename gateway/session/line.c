#include <gateway/session/line.h>

#include <base/mem.h>

#include <stdlib.h>

enum line_result line_take(struct stream *s, size_t max, char **ret, size_t *ret_n)
{
	struct str input = stream_input(s), line;
	size_t end = str_index(input, '\n');
	bool bare;

	if (end >= max || (end == input.n && input.n >= max))
		return LINE_TOO_LONG;
	if (end == input.n)
		return LINE_NONE;
	bare = end == 0 || input.p[end - 1] != '\r';
	line = str_slice(input, 0, bare ? end : end - 1);
	*ret = mem_cstr_n(line.p, line.n);
	*ret_n = line.n;
	stream_consume(s, end + 1);
	return bare ? LINE_BARE : LINE_TAKEN;
}

void line_wipe(char **line, size_t n)
{
	if (*line)
		explicit_bzero(*line, n);
	free(*line);
	*line = NULL;
}

void line_say(struct stream *s, const char *text)
{
	stream_write(s, str_of(text));
	stream_write(s, S("\r\n"));
}
