/* The bytes of WBXML (WAP-192 5.8, 7.1) that the reader and the writer share. Private to this folder. */
#ifndef WBXML_TOKENS_H
#define WBXML_TOKENS_H

enum {
	WBXML_VERSION_1_1 = 0x01,
	WBXML_VERSION_1_3 = 0x03,
	WBXML_PUBLIC_ID_NONE = 0x01, /* "unknown or missing"; 0 would be an index into the string table */
	WBXML_CHARSET_UNKNOWN = 0,
	WBXML_CHARSET_UTF8 = 0x6A, /* IANA MIBenum 106 */

	/* Global tokens: those whose low six bits are below FIRST_TAG. */
	WBXML_SWITCH_PAGE = 0x00,
	WBXML_END_TOKEN = 0x01,
	WBXML_STR_I = 0x03,
	WBXML_OPAQUE = 0xC3,
	WBXML_FIRST_TAG = 0x05,

	/* A tag byte. */
	WBXML_HAS_ATTRIBUTES = 0x80,
	WBXML_HAS_CONTENT = 0x40,
	WBXML_TOKEN_MASK = 0x3F,

	WBXML_NUMBER_MAX_BYTES = 5, /* of an mb_u_int32 */
};

#endif
