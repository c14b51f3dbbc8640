/* What the commands on messages share. */
#ifndef ROOSTCTL_MESSAGE_H
#define ROOSTCTL_MESSAGE_H

#include <store/item.h>
#include <tools/roostctl/ctl.h>

/* An item's number; says so where it is none. */
bool message_id_parse(const char *text, int64_t *ret_id);

#endif
