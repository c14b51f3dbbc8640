/*
 * Supported of the Sync that begins a folder (MS-ASCMD 2.2.3.179): which properties the phone keeps. A Change that leaves
 * one out deletes it, but for those that the phone does not keep, which are called ghosted. A value. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_SUPPORTED_H
#define GATEWAY_ACTIVESYNC_SUPPORTED_H

#include <base/buf.h>
#include <wbxml/wbxml.h>

enum eas_supported_how {
	EAS_SUPPORTED_ALL,    /* no such element: nothing is ghosted (MS-ASCMD R5906) */
	EAS_SUPPORTED_LISTED, /* those alone are not (R5907, R5908) */
	EAS_SUPPORTED_NONE,   /* an empty one: everything is ghosted (R5909) */
};

enum { EAS_SUPPORTED_PAGES = 3, EAS_SUPPORTED_BYTES = 1 + 8 * EAS_SUPPORTED_PAGES };

struct eas_supported {
	enum eas_supported_how how;
	uint64_t listed[EAS_SUPPORTED_PAGES]; /* a bit a token: of the class's own page, Contacts2, AirSyncBase */
};

/* Reads a Supported element whose START was just read. What can't be ghosted in it is passed over. */
enum err eas_supported_parse(struct wbxml_reader *r, struct eas_supported *ret) MUST_CHECK;
bool eas_supported_ghosts(const struct eas_supported *s, enum wbxml_tag tag);

/* EAS_SUPPORTED_BYTES. */
void eas_supported_put(struct buf *out, const struct eas_supported *s);
struct eas_supported eas_supported_get(const unsigned char bytes[EAS_SUPPORTED_BYTES]);

#endif
