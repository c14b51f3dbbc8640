/* The first sentence of what went wrong. */
#include "fault.h"

PRINTF_LIKE(2, 0) static void note(struct buf *why, const char *fmt, va_list ap)
{
	if (why->n == 0)
		buf_vfmt(why, fmt, ap);
}

enum err fault(struct buf *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(why, fmt, ap);
	va_end(ap);
	return ERR_INVALID;
}

enum err fault_err(struct buf *why, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	note(why, fmt, ap);
	va_end(ap);
	return e;
}
