/* Word to the supervisor that started us, by the protocol of sd_notify(3). */
#ifndef GATEWAY_NOTIFY_H
#define GATEWAY_NOTIFY_H

/* "READY=1", "STOPPING=1". Nothing happens where nobody listens (NOTIFY_SOCKET). */
void notify_supervisor(const char *state);

#endif
