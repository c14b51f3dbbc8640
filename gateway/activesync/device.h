/* The gate of partnerships: who is the device, and may the account have it? For dispatch.c. */
#ifndef GATEWAY_ACTIVESYNC_DEVICE_H
#define GATEWAY_ACTIVESYNC_DEVICE_H

#include <gateway/activesync/command.h>

/* Fills rq->device.id; the partnership is made at first contact. EAS_STATUS_OK, or the status that is answered. */
unsigned eas_gate_device(struct eas_request *rq);

#endif
