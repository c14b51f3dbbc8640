/* The Oof property of Settings (MS-ASCMD 2.2.3.122): the state of store/oof.h, shown and set. Worker threads. */
#ifndef GATEWAY_ACTIVESYNC_SETTINGS_OOF_H
#define GATEWAY_ACTIVESYNC_SETTINGS_OOF_H

#include <gateway/activesync/command.h>
#include <store/oof.h>

/* What the request says. Texts borrow from it. */
struct settings_oof {
	bool asks_html; /* Get: the form in which messages are wanted */
	struct oof oof; /* Set */
	bool has_state, has_start, has_end, has_message[OOF_AUDIENCE_MAX_];
	bool malformed; /* status 2 */
	bool invalid;   /* status 5 */
};

enum err settings_oof_parse_get(struct wbxml_reader *r, struct settings_oof *ret) MUST_CHECK;
enum err settings_oof_parse_set(struct wbxml_reader *r, struct settings_oof *ret) MUST_CHECK;

enum err settings_oof_read(struct eas_request *rq, struct oof *ret) MUST_CHECK;
/* ERR_INVALID, ERR_LIMIT: what it says does not fit together, or a message is too long. */
enum err settings_oof_write(struct eas_request *rq, const struct settings_oof *s) MUST_CHECK;
/* The children of Get. */
void settings_oof_put(struct wbxml_writer *w, const struct oof *oof, bool html);

#endif
