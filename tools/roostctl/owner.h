/*
 * Whose files the mailboxes are. An administrator's root must not leave files in the state directory that roostd, which
 * is somebody else, cannot open.
 */
#ifndef ROOSTCTL_OWNER_H
#define ROOSTCTL_OWNER_H

#include <base/defs.h>
#include <base/err.h>

/*
 * Where the process is root and the state directory somebody else's, it becomes that user for good, and keeps of root
 * only that it may read every file (CAP_DAC_READ_SEARCH): mail to import lies in other people's homes. ERR_IO: the
 * system refused.
 */
enum err owner_become(const char *state_dir) MUST_CHECK;

#endif
