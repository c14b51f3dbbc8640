/*
 * Documents against files of tests/golden, an element a line. ROOST_GOLDEN_WRITE in the environment writes those files
 * instead: then read them before they are committed. A difference fails the running cmocka test.
 */
#ifndef TESTS_SUPPORT_GOLDEN_H
#define TESTS_SUPPORT_GOLDEN_H

#include <base/buf.h>

/* Appends a file of such a folder. */
void golden_read(const char *folder, const char *name, struct buf *out);
void golden_expect(const char *folder, const char *name, struct str document);

#endif
