/* Changes with the list of common statuses (MS-ASCMD 2.2.2). */
#include <gateway/activesync/status.h>

#include <base/defs.h>

#include <stdint.h>

enum { HTTP_NEED_PROVISION = 449 };

/*
 * What 12.1 knew as an HTTP status. The document gives those with an R-number; for the others it gives none, and the
 * choice here is ours: 400 for what the client sent wrong, 403 for what it may not, 500 for the rest.
 */
static const struct {
	uint8_t status;
	uint16_t http;
} http_of[] = {
	{ EAS_STATUS_INVALID_CONTENT, 400 },     /* MS-ASCMD_R7546 */
	{ EAS_STATUS_INVALID_WBXML, 400 },       /* our choice */
	{ EAS_STATUS_INVALID_XML, 400 },         /* R7547 */
	{ EAS_STATUS_DEVICE_ID_INVALID, 400 },   /* our choice */
	{ EAS_STATUS_DEVICE_TYPE_INVALID, 400 }, /* our choice */
	{ EAS_STATUS_INVALID_IDS, 400 },         /* R7548 */
	{ EAS_STATUS_INVALID_MIME, 400 },        /* our choice, and these five */
	{ EAS_STATUS_SEND_QUOTA, 413 },
	{ EAS_STATUS_RECIPIENT_UNRESOLVED, 400 },
	{ EAS_STATUS_NO_RECIPIENT, 400 },
	{ EAS_STATUS_ID_COMBINATION, 400 },
	{ EAS_STATUS_INVALID_DATE, 400 },
	{ EAS_STATUS_SERVER_ERROR, 500 },                           /* R7550 */
	{ EAS_STATUS_SERVER_ERROR_RETRY, 503 },                     /* R7551 */
	{ EAS_STATUS_QUOTA, 507 },                                  /* R7553 */
	{ EAS_STATUS_DISABLED_FOR_SYNC, 403 },                      /* R7555 */
	{ EAS_STATUS_DEVICE_BLOCKED, 403 },                         /* our choice */
	{ EAS_STATUS_STATE_NOT_FOUND, 403 },                        /* R7556 */
	{ EAS_STATUS_COMMAND_NOT_SUPPORTED, 501 },                  /* R7558 */
	{ EAS_STATUS_VERSION_NOT_SUPPORTED, 400 },                  /* R7559 */
	{ EAS_STATUS_PARTLY_PROVISIONED, 403 },                     /* our choice */
	{ EAS_STATUS_WIPE_REQUESTED, HTTP_NEED_PROVISION },         /* R7562 */
	{ EAS_STATUS_NOT_PROVISIONABLE, HTTP_NEED_PROVISION },      /* R7563 */
	{ EAS_STATUS_POLICY_REFRESH, HTTP_NEED_PROVISION },         /* R7565 */
	{ EAS_STATUS_EXTERNALLY_MANAGED, 403 },                     /* our choice */
	{ EAS_STATUS_DEVICE_NOT_PROVISIONED, HTTP_NEED_PROVISION }, /* R7564 */
	{ EAS_STATUS_INVALID_POLICY_KEY, HTTP_NEED_PROVISION },     /* R7566 */
	{ EAS_STATUS_DEVICE_INFORMATION_REQUIRED, 403 },            /* our choice; no version before 14.1 asks for it */
	{ EAS_STATUS_TOO_MANY_DEVICES, 403 },                       /* our choice */
};

int eas_status_http(unsigned status)
{
	for (size_t i = 0; i < countof(http_of); i++)
		if (http_of[i].status == status)
			return http_of[i].http;
	return 500;
}

unsigned eas_status_of_err(enum err e)
{
	static const uint8_t statuses[] = {
		[ERR_OK] = EAS_STATUS_OK,
		[ERR_NOT_FOUND] = EAS_STATUS_SERVER_ERROR,
		[ERR_EXISTS] = EAS_STATUS_SERVER_ERROR,
		[ERR_STALE] = EAS_STATUS_SERVER_ERROR,
		[ERR_INVALID] = EAS_STATUS_INVALID_XML,
		[ERR_DENIED] = EAS_STATUS_DISABLED_FOR_SYNC,
		[ERR_UNSUPPORTED] = EAS_STATUS_COMMAND_NOT_SUPPORTED,
		[ERR_LIMIT] = EAS_STATUS_SERVER_ERROR,
		[ERR_BUSY] = EAS_STATUS_SERVER_ERROR_RETRY,
		[ERR_FULL] = EAS_STATUS_QUOTA,
		[ERR_QUOTA] = EAS_STATUS_QUOTA,
		[ERR_CORRUPT] = EAS_STATUS_SERVER_ERROR,
		[ERR_IO] = EAS_STATUS_SERVER_ERROR_RETRY,
	};
	_Static_assert(countof(statuses) == ERR_MAX_, "a status for every enum err");

	return statuses[e];
}
