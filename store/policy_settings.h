/*
 * The settings of a policy: one table of names, types, ranges, defaults, the protocol versions that know them, and who
 * sees to it that they hold. Those of the document stand in the order of EASProvisionDoc (MS-ASPROV 6); those after it
 * are the server's own. Values are text, as they are sent: a boolean is "0" or "1", a list has commas, empty means
 * "any" where the setting allows it. Pure. Any thread.
 */
#ifndef STORE_POLICY_SETTINGS_H
#define STORE_POLICY_SETTINGS_H

#include <base/buf.h>

/* X(id, name, type, min, max, default, from, enforcer) */
#define POLICY_SETTINGS(X)                                                                                             \
	X(POLICY_PASSWORD_ENABLED, "DevicePasswordEnabled", POLICY_BOOL, 0, 1, "0", 120, POLICY_BY_PHONE)              \
	X(POLICY_ALPHANUMERIC, "AlphanumericDevicePasswordRequired", POLICY_BOOL, 0, 1, "0", 120, POLICY_BY_PHONE)     \
	X(POLICY_RECOVERY, "PasswordRecoveryEnabled", POLICY_BOOL, 0, 1, "0", 120, POLICY_BY_PHONE)                    \
	X(POLICY_CARD_ENCRYPTION, "RequireStorageCardEncryption", POLICY_BOOL, 0, 1, "0", 121, POLICY_BY_PHONE)        \
	X(POLICY_ATTACHMENTS, "AttachmentsEnabled", POLICY_BOOL, 0, 1, "1", 120, POLICY_BY_BOTH)                       \
	X(POLICY_MIN_PASSWORD, "MinDevicePasswordLength", POLICY_NUMBER_OR_EMPTY, 1, 16, "", 120, POLICY_BY_PHONE)     \
	X(POLICY_INACTIVITY, "MaxInactivityTimeDeviceLock", POLICY_NUMBER_OR_EMPTY, 0, UINT32_MAX, "", 120,            \
	  POLICY_BY_PHONE)                                                                                             \
	X(POLICY_FAILED_ATTEMPTS, "MaxDevicePasswordFailedAttempts", POLICY_NUMBER_OR_EMPTY, 4, 16, "", 120,           \
	  POLICY_BY_PHONE)                                                                                             \
	X(POLICY_MAX_ATTACHMENT, "MaxAttachmentSize", POLICY_NUMBER_OR_EMPTY, 0, UINT32_MAX, "", 120, POLICY_BY_BOTH)  \
	X(POLICY_SIMPLE_PASSWORD, "AllowSimpleDevicePassword", POLICY_BOOL, 0, 1, "1", 120, POLICY_BY_PHONE)           \
	X(POLICY_EXPIRATION, "DevicePasswordExpiration", POLICY_NUMBER_OR_EMPTY, 0, UINT32_MAX, "0", 120,              \
	  POLICY_BY_PHONE)                                                                                             \
	X(POLICY_HISTORY, "DevicePasswordHistory", POLICY_NUMBER, 0, UINT32_MAX, "0", 120, POLICY_BY_PHONE)            \
	X(POLICY_CARD, "AllowStorageCard", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                               \
	X(POLICY_CAMERA, "AllowCamera", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                                  \
	X(POLICY_ENCRYPTION, "RequireDeviceEncryption", POLICY_BOOL, 0, 1, "0", 121, POLICY_BY_PHONE)                  \
	X(POLICY_UNSIGNED_APPS, "AllowUnsignedApplications", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)             \
	X(POLICY_UNSIGNED_PACKAGES, "AllowUnsignedInstallationPackages", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE) \
	X(POLICY_COMPLEX, "MinDevicePasswordComplexCharacters", POLICY_NUMBER, 1, 4, "1", 121, POLICY_BY_PHONE)        \
	X(POLICY_WIFI, "AllowWiFi", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                                      \
	X(POLICY_TEXT_MESSAGING, "AllowTextMessaging", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                   \
	X(POLICY_POP_IMAP, "AllowPOPIMAPEmail", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                          \
	X(POLICY_BLUETOOTH, "AllowBluetooth", POLICY_NUMBER, 0, 2, "2", 121, POLICY_BY_PHONE)                          \
	X(POLICY_IRDA, "AllowIrDA", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                                      \
	X(POLICY_ROAMING, "RequireManualSyncWhenRoaming", POLICY_BOOL, 0, 1, "0", 121, POLICY_BY_PHONE)                \
	X(POLICY_DESKTOP_SYNC, "AllowDesktopSync", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                       \
	X(POLICY_CALENDAR_AGE, "MaxCalendarAgeFilter", POLICY_CALENDAR_RANGE, 0, 7, "0", 121, POLICY_BY_BOTH)          \
	X(POLICY_HTML, "AllowHTMLEmail", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_BOTH)                                  \
	X(POLICY_EMAIL_AGE, "MaxEmailAgeFilter", POLICY_NUMBER, 0, 5, "0", 121, POLICY_BY_BOTH)                        \
	X(POLICY_BODY_SIZE, "MaxEmailBodyTruncationSize", POLICY_NUMBER, -1, INT32_MAX, "-1", 121, POLICY_BY_BOTH)     \
	X(POLICY_HTML_SIZE, "MaxEmailHTMLBodyTruncationSize", POLICY_NUMBER, -1, INT32_MAX, "-1", 121, POLICY_BY_BOTH) \
	X(POLICY_SIGNED, "RequireSignedSMIMEMessages", POLICY_BOOL, 0, 1, "0", 121, POLICY_BY_PHONE)                   \
	X(POLICY_ENCRYPTED, "RequireEncryptedSMIMEMessages", POLICY_BOOL, 0, 1, "0", 121, POLICY_BY_PHONE)             \
	X(POLICY_SIGNED_ALGORITHM, "RequireSignedSMIMEAlgorithm", POLICY_NUMBER, 0, 1, "0", 121, POLICY_BY_PHONE)      \
	X(POLICY_ENCRYPTION_ALGORITHM, "RequireEncryptionSMIMEAlgorithm", POLICY_NUMBER, 0, 4, "0", 121,               \
	  POLICY_BY_PHONE)                                                                                             \
	X(POLICY_NEGOTIATION, "AllowSMIMEEncryptionAlgorithmNegotiation", POLICY_NUMBER, 0, 2, "2", 121,               \
	  POLICY_BY_PHONE)                                                                                             \
	X(POLICY_SOFT_CERTS, "AllowSMIMESoftCerts", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                      \
	X(POLICY_BROWSER, "AllowBrowser", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                                \
	X(POLICY_CONSUMER_EMAIL, "AllowConsumerEmail", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                   \
	X(POLICY_REMOTE_DESKTOP, "AllowRemoteDesktop", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)                   \
	X(POLICY_INTERNET_SHARING, "AllowInternetSharing", POLICY_BOOL, 0, 1, "1", 121, POLICY_BY_PHONE)               \
	X(POLICY_UNAPPROVED_APPS, "UnapprovedInROMApplicationList", POLICY_LIST, 0, 0, "", 121, POLICY_BY_PHONE)       \
	X(POLICY_APPROVED_APPS, "ApprovedApplicationList", POLICY_HASHES, 0, 0, "", 121, POLICY_BY_PHONE)              \
	X(POLICY_NON_PROVISIONABLE, "AllowNonProvisionableDevices", POLICY_BOOL, 0, 1, "0", 0, POLICY_BY_SERVER)       \
	X(POLICY_EXTERNAL, "AllowExternalDeviceManagement", POLICY_BOOL, 0, 1, "0", 0, POLICY_BY_SERVER)               \
	X(POLICY_REFRESH, "DevicePolicyRefreshInterval", POLICY_NUMBER_OR_EMPTY, 1, 8760, "", 0, POLICY_BY_SERVER)

enum policy_type {
	POLICY_BOOL,
	POLICY_NUMBER,
	POLICY_NUMBER_OR_EMPTY,
	POLICY_CALENDAR_RANGE, /* 0, 4, 5, 6, 7 (MS-ASPROV_R245) */
	POLICY_LIST,           /* names, a comma between */
	POLICY_HASHES,         /* SHA-1 in base64, a comma between */
};
enum policy_enforcer {
	POLICY_BY_PHONE,  /* only the phone can see to it */
	POLICY_BY_BOTH,   /* the phone is told, and the server keeps to it whatever the phone does */
	POLICY_BY_SERVER, /* the phone never hears of it */
};

enum policy_setting {
#define X(id, name, type, min, max, initial, from, enforcer) id,
	POLICY_SETTINGS(X)
#undef X
		POLICY_SETTINGS_MAX_
};

enum {
	POLICY_VALUE_MAX = 16 * 1024, /* bytes */
	POLICY_FROM_2_5 = 25,         /* protocol numbers, version * 10 */
	POLICY_FROM_12_0 = 120,
};

struct policy_setting_def {
	const char *name;
	enum policy_type type;
	int64_t min, max;
	const char *initial;
	unsigned from; /* the first protocol (version * 10) that knows it; 0: not in the document */
	enum policy_enforcer enforcer;
};
extern const struct policy_setting_def policy_settings[POLICY_SETTINGS_MAX_];

/* By its published name, without case. ERR_NOT_FOUND. */
enum err policy_setting_find(struct str name, enum policy_setting *ret) MUST_CHECK;
/* ERR_INVALID: *why tells what was expected. */
enum err policy_value_check(enum policy_setting which, struct str value, struct buf *why) MUST_CHECK;
/* "0 or 1", "1 to 16, or empty". */
void policy_setting_expects(struct buf *b, enum policy_setting which);
/* "phone", "phone and server", "server". */
const char *policy_enforcer_text(enum policy_enforcer by);

#endif
