#include <gateway/mailbox/autoreply.h>

#include <base/log.h>
#include <gateway/content/compose.h>
#include <gateway/content/html_text.h>
#include <gateway/content/summary.h>
#include <gateway/content/vcard.h>
#include <gateway/mailbox/entry.h>
#include <gateway/mailbox/search.h>
#include <store/account.h>
#include <store/oof.h>

#include <sys/random.h>

enum {
	ARENA_BYTES = 16 * 1024 * 1024,
	HEADER_MAX = 256 * 1024,
	INDEX_WAIT_MS = 1000, /* that may go into bringing the index to head: somebody waits for the delivery */
	CARDS_MAX = 50,       /* that have the address in their text and are looked at */
	EXPIRES_MS = 24 * 60 * 60 * 1000, /* an answer that is a day late is none */
};

struct incoming {
	const struct send_service *service;
	struct arena *a;
	struct str sender;
	const struct mail_summary *summary;
	struct send_author owner;
	struct oof oof;
};

/* ---- may it be answered? ---- */

static bool is_of_a_program(struct str sender)
{
	static const struct str starts[] = { STR_INIT("mailer-daemon@"), STR_INIT("postmaster@"),
					     STR_INIT("owner-"),         STR_INIT("noreply"),
					     STR_INIT("no-reply"),       STR_INIT("majordomo@"),
					     STR_INIT("listserv@"),      STR_INIT("bounce") };
	static const struct str ends[] = { STR_INIT("-request"), STR_INIT("-owner"), STR_INIT("-bounces") };
	struct str local = str_slice(sender, 0, str_index(sender, '@'));

	for (size_t i = 0; i < countof(starts); i++)
		if (str_istarts(sender, starts[i]))
			return true;
	for (size_t i = 0; i < countof(ends); i++)
		if (local.n >= ends[i].n && str_ieq(str_slice(local, local.n - ends[i].n, local.n), ends[i]))
			return true;
	return false;
}

static enum err names_owner(const struct incoming *in, struct str list, bool *ret)
{
	struct header_address *addresses;
	size_t n;

	TRY(header_addresses(in->a, list, &addresses, &n));
	for (size_t i = 0; i < n && !*ret; i++) {
		CLEANUP(buf_release) struct buf text = BUF_INIT(QUEUE_MAX_ADDRESS);
		const struct header_address bare = { .local = addresses[i].local, .domain = addresses[i].domain };

		header_address_put(&text, &bare);
		*ret = !buf_status(&text) && send_is_own(&in->owner, buf_view(&text));
	}
	return ERR_OK;
}

static enum err is_answerable(const struct incoming *in, bool *ret)
{
	bool named = false;

	*ret = false;
	if (in->summary->flags & (MAIL_AUTOMATIC | MAIL_LIST | MAIL_REPORT) || send_is_own(&in->owner, in->sender) ||
	    is_of_a_program(in->sender))
		return ERR_OK;
	TRY(names_owner(in, in->summary->to, &named));
	if (!named)
		TRY(names_owner(in, in->summary->cc, &named));
	*ret = named;
	return ERR_OK;
}

/* ---- what is answered ---- */

/* Is it one of the card's addresses? Some programs write "Name <address>". */
static enum err card_names(const struct incoming *in, struct str octets, bool *ret)
{
	struct vcard card;
	const struct vcard_property *p;
	struct header_address *list;
	struct str text;
	size_t n;

	if (vcard_parse(in->a, octets, &card)) /* damaged, or not a card: nobody is known by it */
		return ERR_OK;
	for (size_t at = 0; !*ret && (p = vcard_next(&card, "EMAIL", &at));) {
		TRY(vcard_text(in->a, p, &text));
		TRY(header_addresses(in->a, text, &list, &n));
		for (size_t i = 0; i < n; i++) {
			CLEANUP(buf_release) struct buf bare = BUF_INIT(QUEUE_MAX_ADDRESS);

			header_address_put(
				&bare, &(struct header_address){ .local = list[i].local, .domain = list[i].domain });
			*ret |= !buf_status(&bare) && str_ieq(buf_view(&bare), in->sender);
		}
	}
	return ERR_OK;
}

/* Those that the owner keeps; whom he once wrote to (the recipient cache) is none for that. */
static enum err cards_name(const struct incoming *in, struct store_tx *tx, const struct search_result *found, bool *ret)
{
	int64_t cache = 0;
	enum err e = folder_by_role(tx, FOLDER_RECIPIENT_CACHE, &cache);

	if (e != ERR_NOT_FOUND)
		TRY(e);
	for (size_t i = 0; i < found->n && !*ret; i++) {
		struct item item;
		struct str octets;

		if (found->hits[i].folder == cache)
			continue;
		e = item_get(in->a, tx, found->hits[i].folder, found->hits[i].item, &item);
		if (!e)
			e = entry_read(in->a, tx, &item, &octets);
		if (e == ERR_NOT_FOUND || e == ERR_CORRUPT || e == ERR_LIMIT)
			continue;
		TRY(e);
		TRY(card_names(in, octets, ret));
	}
	return ERR_OK;
}

/*
 * Is the sender in one of the owner's address books? The index finds the cards that may be his; one that came a moment ago and is
 * not in it yet is missed, which is better than a delivery that waits for an index of years.
 */
static enum err is_contact(const struct incoming *in, bool *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const struct mail_search_bounds bounds = { .max_ms = INDEX_WAIT_MS };
	const struct search_page page = { .order = SEARCH_NEWEST, .limit = CARDS_MAX };
	struct search_node parts[2] = { { .kind = SEARCH_CLASS, .class = FOLDER_CONTACTS } };
	const struct search_node query = { .kind = SEARCH_AND, .children = parts, .children_n = countof(parts) };
	struct search_result found;
	bool head;

	*ret = false;
	TRY(mail_search_text(in->a, SEARCH_FIELD(SEARCH_BODY), in->sender, &parts[1]));
	TRY(mail_search_update(in->service->store, in->owner.mailbox, &bounds, &head));
	TRY(store_begin(in->service->store, in->owner.mailbox, STORE_READ, &tx));
	TRY(search_run(in->a, tx, &query, &page, &found));
	return cards_name(in, tx, &found, ret);
}

/* Colleague or stranger; of strangers those whom the owner knows are told apart where they are told something else. */
static enum err audience_of(const struct incoming *in, enum oof_audience *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	size_t at = in->sender.n;
	bool ours, known = false;

	while (at > 0 && in->sender.p[at - 1] != '@')
		at--;
	TRY(store_begin(in->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(account_domain_known(tx, str_slice(in->sender, at, in->sender.n), &ours));
	store_tx_end(&tx);
	if (!ours && in->oof.message[OOF_EXTERNAL_KNOWN].enabled && is_contact(in, &known)) {
		log_warn("autoreply", "mailbox=%lld contacts=unread", (long long)in->owner.mailbox);
		known = false; /* what strangers hear is what he would have said to anybody */
	}
	*ret = ours ? OOF_INTERNAL : known ? OOF_EXTERNAL_KNOWN : OOF_EXTERNAL_UNKNOWN;
	return ERR_OK;
}

static enum err put(void *ctx, struct str octets)
{
	return send_put(ctx, octets);
}

static void put_header(const struct incoming *in, struct buf *b)
{
	CLEANUP(buf_release) struct buf subject = BUF_INIT(2 * SUMMARY_SUBJECT_MAX);

	buf_fmt(&subject, "Automatic reply: " STR_FMT, STR_ARG(in->summary->subject));
	buf_fmt(b, "To: <" STR_FMT ">\r\n", STR_ARG(in->sender));
	compose_field_text(b, S("Subject"), buf_view(&subject));
	if (in->summary->message_id.n) {
		compose_field_plain(b, S("In-Reply-To"), in->summary->message_id);
		compose_field_plain(b, S("References"), in->summary->message_id);
	}
	buf_cstr(b, "Auto-Submitted: auto-replied\r\nX-Auto-Response-Suppress: All\r\nPrecedence: bulk\r\n");
}

static enum err write_reply(const struct incoming *in, const struct oof_message *m, struct send *out)
{
	CLEANUP(buf_release) struct buf header = BUF_INIT(HEADER_MAX);
	CLEANUP(buf_release) struct buf plain = BUF_INIT(HTML_TEXT_GROWTH * (OOF_REPLY_MAX + 1));
	struct compose c;
	uint64_t unique;

	if (getrandom(&unique, sizeof(unique), 0) != (ssize_t)sizeof(unique))
		return ERR_IO;
	put_header(in, &header);
	TRY(buf_status(&header));
	if (m->html) {
		struct html_text text;

		html_text_init(&text, true);
		html_text_put(&text, &plain, m->reply);
		html_text_finish(&text, &plain);
		TRY(buf_status(&plain));
	}
	compose_init(&c, (struct body_sink){ put, out }, unique);
	compose_mail(&c, &(struct compose_mail){ .header = buf_view(&header),
						 .plain = !m->html  ? m->reply
							  : plain.n ? buf_view(&plain)
								    : S(""),
						 .html = m->html ? m->reply : STR_EMPTY });
	TRY(compose_finish(&c));
	return send_finish(out);
}

/* ---- once ---- */

static enum err derive_name(const struct incoming *in, struct queue_name *ret)
{
	const struct str parts[] = { str_from(&in->owner.mailbox, sizeof(in->owner.mailbox)),
				     str_from(&in->oof.period, sizeof(in->oof.period)), in->sender };

	return queue_name_derive("oof", parts, countof(parts), ret);
}

static enum err note_told(const struct incoming *in)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(in->service->store, in->owner.mailbox, STORE_WRITE, &tx));
	TRY(oof_note_told(tx, in->sender));
	return store_commit(&tx);
}

/* The queue first, the mailbox second; killed in between, the name keeps it from going twice. */
static enum err answer(const struct incoming *in, const struct oof_message *m)
{
	CLEANUP(send_free) struct send *out = NULL;
	const struct queue_recipient to = { .address = in->sender, .notify = QUEUE_NOTIFY_NEVER };
	struct send_args args = { .kind = QUEUE_AUTOREPLY,
				  .remember_ms = EXPIRES_MS,
				  .sender = S(""), /* RFC 3834 3.3: nobody answers the answer */
				  .recipients = &to,
				  .recipients_n = 1 };

	TRY(derive_name(in, &args.name));
	TRY(send_new(in->service, &in->owner, false, &out));
	TRY(write_reply(in, m, out));
	enum err e = send_commit(out, &args, NULL);
	if (e && e != ERR_EXISTS)
		return e;
	return note_told(in);
}

/* One look decides for almost every delivery: he is not away. */
static enum err look(struct incoming *in, int64_t mailbox, bool *ret_away)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool told = false;

	TRY(store_begin(in->service->store, mailbox, STORE_READ, &tx));
	TRY(oof_get(in->a, tx, &in->oof));
	*ret_away = oof_is_away(&in->oof, clock_wall_ms(in->service->clock));
	if (*ret_away)
		TRY(oof_was_told(tx, in->sender, &told));
	*ret_away = *ret_away && !told;
	return ERR_OK;
}

static enum err consider(struct incoming *in, int64_t account)
{
	enum oof_audience audience;
	bool yes;

	/* An account's mailbox has its number (store/account.h); the rest is read where it is needed. */
	TRY(look(in, account, &yes));
	if (!yes)
		return ERR_OK;
	TRY(send_author_load(in->a, in->service->store, account, &in->owner));
	TRY(is_answerable(in, &yes));
	if (!yes)
		return ERR_OK;
	TRY(audience_of(in, &audience));
	const struct oof_message *m = &in->oof.message[audience];
	return m->enabled && m->reply.n ? answer(in, m) : ERR_OK;
}

void autoreply_consider(const struct send_service *service, int64_t account, struct str sender,
			const struct intake *message)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(ARENA_BYTES);
	struct incoming in = { .service = service, .a = &a, .sender = sender, .summary = intake_summary(message) };

	if (sender.n == 0 || sender.n > OOF_SENDER_MAX || str_index(sender, '@') == sender.n)
		return; /* RFC 3834 2: a bounce, or nobody that could be answered */
	enum err e = consider(&in, account);
	if (e)
		log_warn("autoreply", "account=%lld error=%s", (long long)account, log_quote(str_of(err_text(e))).text);
}
