/* Texts of the errors. */
#include <base/err.h>

#include <base/defs.h>

static const char *const texts[] = {
#define X(id, text) [id] = text,
	ERR_LIST(X)
#undef X
};
_Static_assert(countof(texts) == ERR_MAX_, "one text per error");

const char *err_text(enum err e)
{
	return (unsigned)e < ERR_MAX_ ? texts[e] : "unknown error";
}
