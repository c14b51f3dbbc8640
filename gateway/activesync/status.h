/* Common status codes (MS-ASCMD 2.2.2) and what they are before 14.0, when they were HTTP statuses. Pure. Any thread. */
#ifndef GATEWAY_ACTIVESYNC_STATUS_H
#define GATEWAY_ACTIVESYNC_STATUS_H

#include <base/err.h>

enum eas_status {
	EAS_STATUS_OK = 1, /* in every command but MoveItems */
	EAS_STATUS_COMMON_MIN = 101,
	EAS_STATUS_INVALID_CONTENT = 101,
	EAS_STATUS_INVALID_WBXML = 102,
	EAS_STATUS_INVALID_XML = 103,
	EAS_STATUS_DEVICE_ID_INVALID = 108,
	EAS_STATUS_DEVICE_TYPE_INVALID = 109,
	EAS_STATUS_SERVER_ERROR = 110,
	EAS_STATUS_SERVER_ERROR_RETRY = 111,
	EAS_STATUS_QUOTA = 113,
	EAS_STATUS_DISABLED_FOR_SYNC = 126,
	EAS_STATUS_DEVICE_BLOCKED = 129,
	EAS_STATUS_STATE_NOT_FOUND = 132,
	EAS_STATUS_STATE_CORRUPT = 134,
	EAS_STATUS_COMMAND_NOT_SUPPORTED = 137,
	EAS_STATUS_VERSION_NOT_SUPPORTED = 138,
	EAS_STATUS_INVALID_STORED_REQUEST = 149,
	EAS_STATUS_TOO_MANY_FOLDERS = 151,
	EAS_STATUS_DEVICE_INFORMATION_REQUIRED = 165,
	EAS_STATUS_TOO_MANY_DEVICES = 177,
	EAS_STATUS_COMMON_MAX = 184,
};

/* HTTP status that a common status was before 14.0. */
int eas_status_http(unsigned status);
/* Common status of an error that no command gives a meaning of its own. */
unsigned eas_status_of_err(enum err e);

#endif
