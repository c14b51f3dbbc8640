#include <gateway/outbound/report.h>

#include <base/buf.h>
#include <gateway/content/header_write.h>

enum { COPY_BYTES = 32 * 1024 };

enum action {
	ACTION_NONE,
	ACTION_FAILED,
	ACTION_DELAYED,
	ACTION_DELIVERED,
	ACTION_RELAYED,
	ACTION_EXPANDED,
	ACTION_MAX_
};

/* An address and a reply stand in both parts; a report that does not fit would never be made. */
_Static_assert(REPORT_MAX_TEXT >= (QUEUE_MAX_EXPANDED + 1) *
					  (2 * QUEUE_MAX_ADDRESS + 2 * QUEUE_MAX_REPLY + QUEUE_MAX_ORCPT + 1024),
	       "room for all recipients");

/* RFC 3464 2.3.3. */
static const char *const action_names[] = {
	[ACTION_NONE] = "",           [ACTION_FAILED] = "failed",
	[ACTION_DELAYED] = "delayed", [ACTION_DELIVERED] = "delivered",
	[ACTION_RELAYED] = "relayed", [ACTION_EXPANDED] = "expanded",
};
_Static_assert(countof(action_names) == ACTION_MAX_, "a word for every action");

static const char *const action_texts[] = {
	[ACTION_NONE] = "",
	[ACTION_FAILED] = "could not be delivered",
	[ACTION_DELAYED] = "has not been delivered yet; it will be tried again",
	[ACTION_DELIVERED] = "was delivered",
	[ACTION_RELAYED] = "was handed to a server that does not report delivery",
	[ACTION_EXPANDED] = "was reached, and your message was sent on to the members of this group",
};

/* It has taken long enough that the sender is told, once. */
static bool delay_is_due(const struct attempt *at)
{
	return !at->entry.delay_told && at->now_ms - at->entry.created_ms >= OUTBOUND_TELL_DELAY_MS;
}

/* RFC 3461 4.1: without NOTIFY failures are told, and delays may be. */
static enum action action_of(const struct attempt *at, size_t i)
{
	const struct attempt_result *r = &at->results[i];
	unsigned notify = at->entry.recipients[i].notify;

	if (!r->tried || (notify & QUEUE_NOTIFY_NEVER))
		return ACTION_NONE;
	switch (r->state) {
	case QUEUE_FAILED:
		return notify == 0 || (notify & QUEUE_NOTIFY_FAILURE) ? ACTION_FAILED : ACTION_NONE;
	case QUEUE_PENDING:
		return delay_is_due(at) && (notify == 0 || (notify & QUEUE_NOTIFY_DELAY)) ? ACTION_DELAYED
											  : ACTION_NONE;
	case QUEUE_DELIVERED:
		return notify & QUEUE_NOTIFY_SUCCESS ? ACTION_DELIVERED : ACTION_NONE;
	case QUEUE_RELAYED:
		return (notify & QUEUE_NOTIFY_SUCCESS) && !r->reports ? ACTION_RELAYED : ACTION_NONE;
	case QUEUE_EXPANDED:
		return notify & QUEUE_NOTIFY_SUCCESS ? ACTION_EXPANDED : ACTION_NONE;
	case QUEUE_DROPPED:
	case QUEUE_STATE_MAX_:
		break;
	}
	return ACTION_NONE;
}

/* The gravest of them names the report. */
static enum action subject_of(const struct attempt *at)
{
	enum action least = ACTION_NONE;

	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		enum action a = action_of(at, i);

		if (a != ACTION_NONE && (least == ACTION_NONE || a < least))
			least = a;
	}
	return least;
}

/* ---- the parts ---- */

struct text {
	const struct attempt *at;
	struct buf b;
	char boundary[33]; /* hexadecimal */
	bool utf8, returns_all;
};

static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] & 0x80)
			return false;
	return true;
}

static bool has_utf8(const struct attempt *at)
{
	bool ascii = is_ascii(at->entry.sender);

	for (size_t i = 0; i < at->entry.recipients_n; i++)
		if (action_of(at, i) != ACTION_NONE)
			ascii = ascii && is_ascii(at->entry.recipients[i].address);
	return !ascii;
}

/* One line of what a server said, as much as the queue keeps of it: nothing in it may begin a field of ours. */
static void put_line(struct buf *b, struct str s)
{
	s = str_slice(s, 0, QUEUE_MAX_REPLY);
	for (size_t i = 0; i < s.n; i++)
		buf_char(b, (unsigned char)s.p[i] < ' ' || (s.p[i] & 0x80) ? (s.p[i] & 0x80 ? '?' : ' ') : s.p[i]);
}

static void put_header(struct text *t, enum action subject)
{
	static const char *const subjects[] = {
		[ACTION_NONE] = "",
		[ACTION_FAILED] = "Undelivered: your message was returned",
		[ACTION_DELAYED] = "Delayed: your message is still on its way",
		[ACTION_DELIVERED] = "Delivered: your message has arrived",
		[ACTION_RELAYED] = "Relayed: your message was passed on",
		[ACTION_EXPANDED] = "Delivered: your message was sent on to a group",
	};
	_Static_assert(countof(subjects) == ACTION_MAX_, "a subject for every action");
	const char *hostname = t->at->args->service->hostname;

	buf_fmt(&t->b, "From: Mail Delivery System <MAILER-DAEMON@%s>\r\n", hostname);
	buf_fmt(&t->b, "To: <" STR_FMT ">\r\n", STR_ARG(t->at->entry.sender));
	buf_fmt(&t->b, "Subject: %s\r\nDate: ", subjects[subject]);
	header_date_write(&t->b, t->at->now_ms);
	buf_fmt(&t->b, "\r\nMessage-ID: <%s@%s>\r\n", t->boundary, hostname);
	buf_cstr(&t->b, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"); /* RFC 3834 */
	buf_fmt(&t->b, "Content-Type: multipart/report; report-type=%s;\r\n\tboundary=\"%s\"\r\n\r\n",
		t->utf8 ? "global-delivery-status" : "delivery-status", t->boundary);
}

static void put_text_part(struct text *t)
{
	const struct attempt *at = t->at;

	buf_fmt(&t->b, "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n%s\r\n", t->boundary,
		t->utf8 ? "Content-Transfer-Encoding: 8bit\r\n" : "");
	buf_fmt(&t->b, "This is the mail system at %s.\r\n\r\nYour message of ", at->args->service->hostname);
	header_date_write(&t->b, at->entry.created_ms);
	buf_cstr(&t->b, "\r\n");
	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		enum action a = action_of(at, i);

		if (a == ACTION_NONE)
			continue;
		buf_fmt(&t->b, "\r\n  to " STR_FMT "\r\n  %s.\r\n", STR_ARG(at->entry.recipients[i].address),
			action_texts[a]);
		if (a == ACTION_FAILED || a == ACTION_DELAYED) {
			buf_cstr(&t->b, "  The reason: ");
			put_line(&t->b, at->results[i].reply);
			buf_cstr(&t->b, "\r\n");
		}
	}
	buf_cstr(&t->b, "\r\n");
}

static void put_address_field(struct text *t, const char *field, struct str address)
{
	buf_fmt(&t->b, "%s: %s;" STR_FMT "\r\n", field, is_ascii(address) ? "rfc822" : "utf-8", STR_ARG(address));
}

static void put_recipient_fields(struct text *t, size_t i, enum action a)
{
	const struct queue_recipient *r = &t->at->entry.recipients[i];
	const struct attempt_result *result = &t->at->results[i];
	const struct str reply = result->reply;
	bool smtp = reply.n > 3 && reply.p[0] >= '2' && reply.p[0] <= '5' && (reply.p[3] == ' ' || reply.p[3] == '-');

	buf_cstr(&t->b, "\r\n");
	if (r->orcpt.n)
		buf_fmt(&t->b, "Original-Recipient: " STR_FMT "\r\n", STR_ARG(r->orcpt));
	put_address_field(t, "Final-Recipient", r->address);
	buf_fmt(&t->b, "Action: %s\r\nStatus: " STR_FMT "\r\n", action_names[a], STR_ARG(result->status));
	if (a == ACTION_FAILED || a == ACTION_DELAYED) {
		buf_fmt(&t->b, "Diagnostic-Code: %s; ", smtp ? "smtp" : "x-roost");
		put_line(&t->b, reply);
		buf_cstr(&t->b, "\r\n");
	}
	if (a == ACTION_DELAYED) {
		buf_cstr(&t->b, "Will-Retry-Until: ");
		header_date_write(&t->b, t->at->entry.expires_ms);
		buf_cstr(&t->b, "\r\n");
	}
}

static void put_status_part(struct text *t)
{
	const struct attempt *at = t->at;

	/* RFC 3464 2, RFC 6533 3 where an address is not ASCII. */
	buf_fmt(&t->b, "--%s\r\nContent-Type: message/%s\r\n%s\r\n", t->boundary,
		t->utf8 ? "global-delivery-status" : "delivery-status",
		t->utf8 ? "Content-Transfer-Encoding: 8bit\r\n" : "");
	if (at->entry.envid.n)
		buf_fmt(&t->b, "Original-Envelope-Id: " STR_FMT "\r\n", STR_ARG(at->entry.envid));
	buf_fmt(&t->b, "Reporting-MTA: dns; %s\r\nArrival-Date: ", at->args->service->hostname);
	header_date_write(&t->b, at->entry.created_ms);
	buf_cstr(&t->b, "\r\n");
	for (size_t i = 0; i < at->entry.recipients_n; i++)
		if (action_of(at, i) != ACTION_NONE)
			put_recipient_fields(t, i, action_of(at, i));
	buf_cstr(&t->b, "\r\n");
}

/* RFC 3461 4.3: the whole comes back for a failure alone, and unless the header was asked for. */
static void begin_returned_part(struct text *t)
{
	bool eight = t->at->entry.flags & QUEUE_8BIT;

	buf_fmt(&t->b, "--%s\r\nContent-Type: %s\r\n%s\r\n", t->boundary,
		t->returns_all ? (t->utf8 ? "message/global" : "message/rfc822")
			       : (t->utf8 ? "message/global-headers" : "text/rfc822-headers"),
		eight || t->utf8 ? "Content-Transfer-Encoding: 8bit\r\n" : "");
}

/* ---- octets ---- */

static enum err open_octets(const struct attempt *at, struct store_blob **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return store_blob_open(tx, at->entry.blob, ret);
}

static enum err copy_all(struct store_blob *blob, struct store_blob_writer *to)
{
	struct buf chunk = BUF_INIT(COPY_BYTES);
	enum err e = ERR_OK;
	size_t got = 1;

	for (uint64_t off = 0; !e && got > 0; off += got) {
		char *room = buf_reserve(&chunk, COPY_BYTES);

		e = room ? store_blob_read(blob, off, room, COPY_BYTES, &got) : ERR_BUSY;
		if (!e)
			e = store_blob_write(to, str_from(room, got));
	}
	buf_release(&chunk);
	return e;
}

static enum err copy_header(struct store_blob *blob, struct store_blob_writer *to)
{
	CLEANUP(buf_release) struct buf head = BUF_INIT(REPORT_MAX_HEADER);
	char *room = buf_reserve(&head, REPORT_MAX_HEADER);
	size_t got;

	if (!room)
		return ERR_BUSY;
	TRY(store_blob_read(blob, 0, room, REPORT_MAX_HEADER, &got));
	buf_added(&head, got);
	struct str text = buf_view(&head);
	size_t end = str_find(text, S("\r\n\r\n"));

	if (end == text.n) /* cut at a line */
		while (end > 0 && text.p[end - 1] != '\n')
			end--;
	else
		end += 2;
	return store_blob_write(to, str_slice(text, 0, end));
}

/* A message that is damaged on our disk comes back as far as it can be read: its sender has to hear of it above all. */
static enum err write_returned(const struct text *t, struct store_blob_writer *to)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	enum err e = open_octets(t->at, &blob);

	if (!e)
		e = t->returns_all ? copy_all(blob, to) : copy_header(blob, to);
	return e == ERR_CORRUPT || e == ERR_NOT_FOUND
		       ? store_blob_write(to, S("X-Damaged: the rest could not be read\r\n"))
		       : e;
}

static enum err write_body(struct text *t, struct store_blob_writer *to)
{
	CLEANUP(buf_release) struct buf end = BUF_INIT(64);

	TRY(buf_status(&t->b));
	TRY(store_blob_write(to, buf_view(&t->b)));
	TRY(write_returned(t, to));
	buf_fmt(&end, "\r\n--%s--\r\n", t->boundary);
	TRY(store_blob_write(to, buf_view(&end)));
	return store_blob_finish(to);
}

/* What the report is called, and its boundary: the same for a repeat of the attempt. */
static enum err derive_name(const struct attempt *at, struct queue_name *ret)
{
	const struct str parts[] = { str_from(at->entry.name.octets, QUEUE_NAME_SIZE),
				     str_from(&at->entry.id, sizeof(at->entry.id)),
				     str_from(&at->entry.attempts, sizeof(at->entry.attempts)) };

	return queue_name_derive("report", parts, countof(parts), ret);
}

static enum err put_boundary(struct text *t)
{
	CLEANUP(buf_release) struct buf hex = BUF_INIT(sizeof(t->boundary) - 1);
	struct queue_name name;

	TRY(derive_name(t->at, &name));
	buf_hex(&hex, name.octets, (sizeof(t->boundary) - 1) / 2);
	memcpy(t->boundary, hex.p, hex.n);
	return buf_status(&hex);
}

enum err report_make(struct report *r, const struct attempt *at)
{
	CLEANUP(store_blob_writer_drop) struct store_blob_writer *w = NULL;
	enum action subject = subject_of(at);
	struct text t = { .at = at, .b = BUF_INIT(REPORT_MAX_TEXT) };
	enum err e;

	if (subject == ACTION_NONE || at->entry.sender.n == 0 || at->entry.kind != QUEUE_MAIL)
		return ERR_OK;
	t.utf8 = has_utf8(at);
	t.returns_all =
		subject == ACTION_FAILED && at->entry.ret != QUEUE_RET_HEADERS && at->entry.size <= REPORT_MAX_RETURNED;
	e = put_boundary(&t);
	put_header(&t, subject);
	put_text_part(&t);
	put_status_part(&t);
	begin_returned_part(&t);
	if (!e)
		e = store_blob_writer_new(at->args->service->store, STORE_DIRECTORY, &w);
	if (!e)
		e = write_body(&t, w);
	buf_release(&t.b);
	if (e)
		return e;
	r->body = w;
	r->utf8 = t.utf8;
	r->tells_delay = delay_is_due(at);
	w = NULL;
	return ERR_OK;
}

bool report_wanted(const struct report *r)
{
	return r->body != NULL;
}

enum err report_queue(struct report *r, const struct attempt *at, struct store_tx *tx)
{
	const struct queue_recipient to = { .address = at->entry.sender, .notify = QUEUE_NOTIFY_NEVER };
	struct queue_new q = { .kind = QUEUE_REPORT,
			       .flags = QUEUE_8BIT | (r->utf8 ? QUEUE_UTF8 : 0u),
			       .expires_ms = at->now_ms + at->args->service->expires_ms,
			       .forget_ms = at->now_ms,
			       .recipients = &to,
			       .recipients_n = 1 };
	int64_t id;

	TRY(derive_name(at, &q.name));
	if (r->tells_delay)
		TRY(queue_set_delay_told(tx, at->entry.id));
	enum err e = queue_add(tx, &q, r->body, &id);
	return e == ERR_EXISTS ? ERR_OK : e;
}

void report_release(struct report *r)
{
	store_blob_writer_drop(&r->body);
}
