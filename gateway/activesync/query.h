/*
 * The part of the URI after '?': the plain form (MS-ASHTTP 2.2.1.1.1.2) and the base64 form (2.2.1.1.1.1). Pure; any
 * thread. The result points into the arena.
 */
#ifndef GATEWAY_ACTIVESYNC_QUERY_H
#define GATEWAY_ACTIVESYNC_QUERY_H

#include <base/arena.h>
#include <wbxml/codepage.h>

enum eas_query_option { /* MS-ASHTTP_R92, R94 */
			EAS_OPTION_SAVE_IN_SENT = 1 << 0,
			EAS_OPTION_ACCEPT_MULTIPART = 1 << 1,
};

struct eas_query {
	bool base64;         /* version, code, policy_key and the multipart option come from here, not from headers */
	uint8_t version;     /* base64 form: 141 is 14.1 */
	uint8_t code;        /* base64 form: the command */
	uint16_t locale;     /* base64 form: MS-LCID, 0 where unknown */
	uint32_t policy_key; /* base64 form; 0: absent */
	unsigned options;    /* enum eas_query_option, in both forms */
	struct str command;  /* plain form: its name */
	/* .p NULL where absent */
	struct str user;
	struct str device_id; /* a GUID sent as 16 bytes stands here in hexadecimal */
	struct str device_type;
	struct str attachment_name, collection_id, item_id, long_id, occurrence;
};

/*
 * ERR_INVALID: neither form. ERR_LIMIT: longer than EAS_MAX_QUERY_BYTES. Unknown parameters are passed over; of a
 * plain parameter that is sent twice the first counts.
 */
enum err eas_query_parse(struct arena *a, struct str raw, struct eas_query *ret) MUST_CHECK;

/* 161 -> EAS_16_1; ERR_NOT_FOUND for a byte that is no version. */
enum err eas_query_version(uint8_t byte, enum eas_version *ret) MUST_CHECK;

#endif
