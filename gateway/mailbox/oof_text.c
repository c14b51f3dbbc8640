/* One form of a message into the other. */
#include <gateway/mailbox/oof_text.h>

#include <gateway/content/html_text.h>
#include <gateway/content/text_html.h>

#include <assert.h>

static_assert(OOF_TEXT_MAX >= HTML_TEXT_GROWTH * (OOF_REPLY_MAX + 1), "room for the longest");

void oof_text_put(struct buf *b, const struct oof_message *m, bool html)
{
	if (m->html == html) {
		buf_str(b, m->reply);
	} else if (html) {
		struct text_html t = { 0 };

		text_html_put(&t, b, m->reply);
	} else {
		struct html_text t;

		html_text_init(&t, true);
		html_text_put(&t, b, m->reply);
		html_text_finish(&t, b);
	}
}
