/* The memory of device_seen(): frees it with the store. */
#ifndef STORE_DEVICE_SEEN_H
#define STORE_DEVICE_SEEN_H

struct store;

void device_seen_release(struct store *s);

#endif
