/*
 * Test material that is not part of the project (real mails, calendars, contacts): ROOST_SHARED_DIR names its folder.
 * A test that needs it is skipped, by number, where it is absent.
 */
#ifndef TESTS_SUPPORT_SHARED_H
#define TESTS_SUPPORT_SHARED_H

#include <stdlib.h>

/* The folder; does not come back (cmocka's skip()) where there is none. */
static inline const char *shared_dir_or_skip(void)
{
	const char *dir = getenv("ROOST_SHARED_DIR");

	if (!dir || !*dir)
		skip();
	return dir;
}

#endif
