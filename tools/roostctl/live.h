/* What the running server says (gateway/control/ask.h), for the commands that show it. */
#ifndef ROOSTCTL_LIVE_H
#define ROOSTCTL_LIVE_H

#include <gateway/control/ask.h>
#include <tools/roostctl/ctl.h>

#include <jansson.h>

/* Asks; *out has the answer's lines, the caller releases it in every case. What went wrong was said on stderr. */
enum status live_ask(struct ctl *c, const struct ask *ask, struct buf *out);

/* The next line's object, or NULL after the last. The caller's reference. A line that is none is passed over. */
json_t *live_next(struct str *rest);
/* Members of an object; empty and 0 where they are missing. Views live as long as the object. */
struct str live_text(const json_t *object, const char *key);
int64_t live_number(const json_t *object, const char *key);
bool live_flag(const json_t *object, const char *key);

/* The address of an account in the command's arena; "-" for 0 and for one that is gone. */
struct str live_account(struct ctl *c, struct store_tx *directory, int64_t account);
/* "3d04h", "04h12m", "12m05s", "5s" */
void live_put_age(struct buf *b, int64_t ms);

#endif
