/*
 * Named fault points, for the tests that kill the server or fail its system calls at a chosen place. They are in builds
 * with -DROOST_FAULTS=ON alone; elsewhere fault_point() is a constant that the compiler removes.
 *
 * The environment chooses one point of the process:
 *
 *     ROOST_FAULT=store.commit.before       SIGKILL when the point is passed for the first time
 *     ROOST_FAULT=store.commit.before:7     … for the seventh time
 *     ROOST_FAULT=store.body.flush:1:EIO    the first passing fails with that errno instead, the others do not
 *
 * A point at a system call stands before it, `if (fault_point("store.body.rename") || rename(…))`, and can do both; one
 * that stands alone can only kill. tests/crash finds the names in the sources. A malformed value ends the process.
 */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

#ifdef ROOST_FAULTS
/* True: the call behind it is to be taken as failed; errno is set. Any thread. */
bool fault_point(const char *name);
#else
static inline bool fault_point(const char *name)
{
	(void)name;
	return false;
}
#endif

#endif
