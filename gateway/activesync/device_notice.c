#include <gateway/activesync/device_notice.h>

#include <base/log.h>
#include <base/utf8.h>
#include <gateway/mailbox/notice.h>

enum { TEXT_MAX = 16 * 1024, SHOWN_MAX = 200, NOTICES_WITHIN_S = 3600 };

static enum err read_setting(struct eas_request *rq, enum access_setting which, struct str *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	return access_setting_get(rq->arena, tx, which, ret);
}

static void deliver(struct eas_request *rq, struct str to, struct str subject, struct str text)
{
	enum err e = notice_deliver(rq->eas->store, &(struct notice){ .to = to, .subject = subject, .text = text });

	if (e)
		log_warn("notice", "to=%s error=%s", log_quote(to).text, log_quote(str_of(err_text(e))).text);
}

static void tell_admins(struct eas_request *rq, struct str subject, const struct buf *text)
{
	struct str admins, address;
	enum err e = read_setting(rq, ACCESS_ADMINS, &admins);

	if (!e)
		e = buf_status(text);
	if (e) {
		log_warn("notice", "error=%s", log_quote(str_of(err_text(e))).text);
		return;
	}
	while (admins.n && str_cut(&admins, ',', &address))
		deliver(rq, str_trim(address), subject, buf_view(text));
}

/* What a phone tells of itself is anybody's text: on one line, and not longer than one reads. */
static void put_line(struct buf *b, const char *what, struct str value)
{
	value = utf8_prefix(value, SHOWN_MAX);
	if (value.n == 0)
		return;
	buf_fmt(b, "%-14s ", what);
	for (size_t i = 0; i < value.n; i++)
		buf_char(b, (unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f ? ' ' : value.p[i]);
	buf_char(b, '\n');
}

static void put_device(struct buf *b, const struct eas_request *rq, const struct device *d)
{
	put_line(b, "account:", rq->address);
	put_line(b, "device id:", d->device_id);
	put_line(b, "type:", d->type);
	put_line(b, "model:", d->info.model);
	put_line(b, "system:", d->info.os);
	put_line(b, "user agent:", d->info.user_agent);
}

/* A client that comes with another device id each time is told of a few times, and not for ever. */
static enum err count_recent(struct eas_request *rq, size_t *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	int64_t since_ms = clock_wall_ms(rq->eas->clock) - INT64_C(1000) * NOTICES_WITHIN_S;
	struct device *list;
	size_t n;

	*ret = 0;
	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(device_list(rq->arena, tx, rq->account, &list, &n));
	for (size_t i = 0; i < n; i++)
		*ret += list[i].access_ms > since_ms && list[i].access != ACCESS_ALLOW;
	return ERR_OK;
}

static bool told_enough(struct eas_request *rq)
{
	size_t n;

	if (count_recent(rq, &n) || n <= EAS_NOTICES_MAX)
		return false;
	log_warn("notice", "user=%s device=%s kept_back=1", log_quote(rq->address).text,
		 log_quote(rq->device.text_id).text);
	return true;
}

void eas_notice_quarantine(struct eas_request *rq, const struct device *d, struct str reason)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);

	if (told_enough(rq))
		return;
	buf_cstr(&text, "A phone is in quarantine: it sees nothing of the mailbox until you decide.\n\n");
	put_device(&text, rq, d);
	put_line(&text, "decided by:", reason);
	buf_fmt(&text,
		"\nTo let it in:      roostctl device allow " STR_FMT " " STR_FMT
		"\nTo keep it out:    roostctl device block " STR_FMT " " STR_FMT "\n",
		STR_ARG(rq->address), STR_ARG(d->device_id), STR_ARG(rq->address), STR_ARG(d->device_id));
	tell_admins(rq, S("A phone is in quarantine"), &text);
}

void eas_notice_blocked(struct eas_request *rq, const struct device *d, struct str reason)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);

	if (told_enough(rq))
		return;
	buf_cstr(&text, "A phone asked for the mailbox and was refused.\n\n");
	put_device(&text, rq, d);
	put_line(&text, "decided by:", reason);
	tell_admins(rq, S("A phone was refused"), &text);
}

void eas_notice_wiped(struct eas_request *rq, const struct device *d, unsigned status)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	bool done = status == DEVICE_WIPE_SUCCEEDED;
	struct str subject = done ? S("A phone was wiped") : S("A phone could not be wiped");

	buf_fmt(&text, "%s\n\n",
		!done                            ? "The phone says that the wipe failed. It is asked again."
		: d->wipe == DEVICE_WIPE_ACCOUNT ? "The phone has removed this account and all that came from it."
						 : "The phone says that it erases all that is on it.");
	put_device(&text, rq, d);
	if (done && !d->wipe_allows)
		buf_cstr(&text, "\nIt is kept out until an administrator allows it again.\n");
	if (buf_status(&text) == ERR_OK)
		deliver(rq, rq->address, subject, buf_view(&text));
	tell_admins(rq, subject, &text);
}

enum err eas_notice_waiting(struct eas_request *rq, struct buf *text)
{
	struct str insert;

	TRY(read_setting(rq, ACCESS_USER_TEXT, &insert));
	buf_cstr(text,
		 "This phone may not see your mailbox yet. An administrator has to allow it first; until then this "
		 "mail is all that it is shown. Nothing needs to be done on the phone: once it is allowed, your "
		 "mail comes by itself.\r\n");
	if (insert.n)
		buf_fmt(text, "\r\n" STR_FMT "\r\n", STR_ARG(insert));
	buf_fmt(text, "\r\nDevice id: " STR_FMT "\r\nType: " STR_FMT "\r\n", STR_ARG(rq->device.text_id),
		STR_ARG(rq->device.type));
	return buf_status(text);
}
