/* A remote wipe obeyed (MS-ASPROV 3.1.5.1.2.2, 3.1.5.1.2.3): acknowledged, and all that came from the server erased. */
#ifndef PHONE_WIPE_H
#define PHONE_WIPE_H

#include "phone.h"

void wipe_acknowledge(struct buf *out, bool account);
/* Says so, and erases the store whatever the server answers (MS-ASPROV R645). account: of the account alone. */
enum err wipe_obey(struct phone *p, bool account) MUST_CHECK;

#endif
