/*
 * Reading ahead of a walk. The engine reads one page at a time, and of a file that is not in memory each costs a turn of the
 * disk. While a walk over many rows steps, the pages below every interior page that it reads are asked for at once, so that
 * the disk has all of them to do together. What is asked for needlessly costs time and changes nothing.
 */
#ifndef STORE_SQL_READ_AHEAD_H
#define STORE_SQL_READ_AHEAD_H

/* Puts itself between the engine and the system's reading. Once, before the first database is opened. */
void read_ahead_install(void);
/* For this thread, until it is told otherwise: in trees of these kinds (enum btree_page_kind; 0: in none). */
void read_ahead_in(unsigned kinds);

#endif
