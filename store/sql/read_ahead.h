/*
 * Reading ahead of a walk. The engine reads one page at a time, and of a file that is not in memory each costs a turn of the
 * disk. While a walk over many rows steps, the pages below every interior page that it reads are asked for at once, by a
 * thread beside it, so that the disk has all of them to do together and the walk goes on with those that have come. What is
 * asked for needlessly costs time and changes nothing.
 */
#ifndef STORE_SQL_READ_AHEAD_H
#define STORE_SQL_READ_AHEAD_H

enum { READ_AHEAD_WAITING_MAX = 2048 }; /* runs of pages that are still to be asked for */

/* Puts itself between the engine and the system's reading. Once, before the first database is opened. */
void read_ahead_install(void);
/* For this thread, until it is told otherwise: in trees of these kinds (enum btree_page_kind; 0: in none). */
void read_ahead_in(unsigned kinds);
/* For tests: returns once all has been asked for that is to be. */
void read_ahead_settle(void);

#endif
