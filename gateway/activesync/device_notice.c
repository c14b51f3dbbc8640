#include <gateway/activesync/device_notice.h>

#include <base/log.h>
#include <gateway/mailbox/notice.h>

enum { TEXT_MAX = 16 * 1024 };

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

static void put_line(struct buf *b, const char *what, struct str value)
{
	if (value.n)
		buf_fmt(b, "%-14s " STR_FMT "\n", what, STR_ARG(value));
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

void eas_notice_quarantine(struct eas_request *rq, const struct device *d, struct str reason)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);

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
