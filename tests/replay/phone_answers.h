/* What of an answer reaches the phone (phone.c); called by what receives it (phone_wire.c). */
#ifndef TESTS_REPLAY_PHONE_ANSWERS_H
#define TESTS_REPLAY_PHONE_ANSWERS_H

#include "phone.h"

/* Of p->request; an empty document says that there is nothing new. */
void phone_take_sync(struct phone *p, struct str document);
bool phone_take_hierarchy(struct phone *p, struct str document); /* true: news */
void phone_take_moves(struct phone *p, struct str document);     /* of p->moves */
void phone_take_ping(struct phone *p, struct str document);

#endif
