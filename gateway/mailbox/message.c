/* Opening of stored mails. */
#include <gateway/mailbox/message.h>

#include <gateway/content/body.h>
#include <gateway/content/calendar.h>
#include <gateway/content/charset.h>
#include <gateway/content/summary_class.h>
#include <store/blob.h>

static enum err parse_again(struct arena *a, struct message *m)
{
	TRY(mime_parse(a, &m->source, &m->structure));
	return mail_summary_make(a, &m->source, &m->structure, &m->summary);
}

static enum err read_stored(struct arena *a, struct store_tx *tx, const struct item *item, struct message *m)
{
	struct item_summary stored;

	TRY(item_summary_get(a, tx, item->id, &stored));
	TRY(mime_structure_get(a, stored.structure, &m->structure));
	TRY(mail_summary_get(a, stored.summary, &m->summary));
	/* Offsets are into the octets that the row names. */
	return m->structure.size == m->source.size ? ERR_OK : ERR_STALE;
}

enum err message_open(struct arena *a, struct store_tx *tx, const struct item *item, struct message *ret)
{
	struct message m = { 0 };
	enum err e;

	TRY(store_blob_open(tx, item->blob, &m.blob));
	m.source = (struct mail_source){ store_blob_read, m.blob, store_blob_size(m.blob) };
	e = read_stored(a, tx, item, &m);
	if (e == ERR_STALE || e == ERR_NOT_FOUND || e == ERR_CORRUPT)
		e = parse_again(a, &m);
	if (e) {
		message_close(&m);
		return e;
	}
	*ret = m;
	return ERR_OK;
}

bool message_of_scan(struct arena *a, const struct item_scan *scan, struct str *octets, struct message *ret)
{
	struct item_summary stored;
	struct message m = { 0 };

	if (!item_scan_octets(scan, octets) || !item_scan_summary(scan, &stored) ||
	    mime_structure_get(a, stored.structure, &m.structure) || mail_summary_get(a, stored.summary, &m.summary) ||
	    m.structure.size != octets->n)
		return false;
	m.source = mail_source_of_str(octets);
	*ret = m;
	return true;
}

enum err message_calendar(struct arena *a, const struct mail_source *source, const struct mime_structure *m,
			  struct str *ret)
{
	const struct mime_part *part = message_meeting_part(m);
	CLEANUP(buf_release) struct buf octets = BUF_INIT(CAL_WHOLE_MAX);
	CLEANUP(buf_release) struct buf text = BUF_INIT(4 * (size_t)CAL_WHOLE_MAX);
	uint64_t total;

	if (!part)
		return ERR_NOT_FOUND;
	TRY(body_part_decode(source, part, 0, UINT64_MAX, body_sink_buf(&octets), &total));
	charset_convert(charset_find(part->charset), &text, buf_view(&octets));
	TRY(buf_status(&text));
	return arena_str(a, buf_view(&text), ret);
}

void message_close(struct message *m)
{
	store_blob_close(&m->blob);
}
