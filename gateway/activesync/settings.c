/*
 * Settings (MS-ASCMD 2.2.1.18): named properties, each read or written by itself and answered with a status of its
 * own, in the order of the request (MS-ASCMD_R481). A property that the server does not have says so by its status.
 */
#include <gateway/activesync/command.h>
#include <gateway/activesync/device.h>
#include <gateway/activesync/device_info.h>
#include <gateway/activesync/outbound.h>
#include <gateway/activesync/settings_oof.h>

#include <store/account.h>

enum settings_status { /* MS-ASCMD 2.2.3.177.15 */
		       SETTINGS_DONE = 1,
		       SETTINGS_MALFORMED = 2,
		       SETTINGS_UNAVAILABLE = 4,
		       SETTINGS_INVALID = 5,
		       SETTINGS_DENIED = 7,
};

/* What a request does to one property. */
struct setting {
	const struct property *property;
	bool gets, sets; /* exactly one of both */
	struct device_info info;
	struct settings_oof oof;
	unsigned status; /* enum settings_status, or a common one */
};

struct settings {
	struct setting list[EAS_MAX_SETTINGS];
	size_t n;
	struct oof oof; /* for Oof */
	bool oof_html;
	struct account account; /* for UserInformation */
	struct str *addresses;
	size_t addresses_n;
};

struct property {
	enum wbxml_tag tag;
	/* The children of Get or Set, behind its START, where it is not merely skipped. */
	enum err (*parse_get)(struct wbxml_reader *r, struct setting *s);
	enum err (*parse_set)(struct wbxml_reader *r, struct setting *s);
	/* Reads or writes the directory; sets s->status. NULL: the status depends on nothing. */
	enum err (*run)(struct eas_request *rq, struct store_tx *tx, struct settings *all, struct setting *s);
	bool writes;
	unsigned get_status, set_status; /* without `run` */
	bool puts_always;                /* Get stands in the answer whatever the status: the schema wants it */
	/* What stands in Get, where it is done. */
	void (*put)(struct eas_request *rq, struct wbxml_writer *w, const struct settings *all);
};

/* ---- DeviceInformation: written, never read (MS-ASCMD 2.2.3.45) ---- */

static enum err run_device(struct eas_request *rq, struct store_tx *tx, struct settings *all, struct setting *s)
{
	(void)all;
	if (s->status != SETTINGS_DONE) /* a value too long */
		return ERR_OK;
	return eas_device_keep_info(rq, tx, &s->info);
}

/* ---- UserInformation: the account's addresses ---- */

static enum err run_user(struct eas_request *rq, struct store_tx *tx, struct settings *all, struct setting *s)
{
	s->status = SETTINGS_DONE;
	TRY(account_get(rq->arena, tx, rq->account, &all->account));
	return account_addresses(rq->arena, tx, rq->account, &all->addresses, &all->addresses_n);
}

static void put_addresses(struct wbxml_writer *w, const struct settings *all, bool with_primary)
{
	wbxml_open(w, TAG_SETTINGS_EMAILADDRESSES);
	for (size_t i = 0; i < all->addresses_n; i++)
		wbxml_put_text(w, TAG_SETTINGS_SMTPADDRESS, all->addresses[i]);
	if (with_primary) /* MS-ASCMD_R3679, R3681 */
		wbxml_put_text(w, TAG_SETTINGS_PRIMARYSMTPADDRESS, all->account.address);
	wbxml_close(w, TAG_SETTINGS_EMAILADDRESSES);
}

/* The addresses hang from Get up to 14.0, from the account later (R6502 to R6504). The primary one has no AccountId. */
static void put_user(struct eas_request *rq, struct wbxml_writer *w, const struct settings *all)
{
	if (!wbxml_tag_in(TAG_SETTINGS_ACCOUNTS, rq->version)) {
		put_addresses(w, all, false);
		return;
	}
	wbxml_open(w, TAG_SETTINGS_ACCOUNTS);
	wbxml_open(w, TAG_SETTINGS_ACCOUNT);
	if (all->account.name.n)
		wbxml_put_text(w, TAG_SETTINGS_USERDISPLAYNAME, all->account.name);
	put_addresses(w, all, true);
	wbxml_close(w, TAG_SETTINGS_ACCOUNT);
	wbxml_close(w, TAG_SETTINGS_ACCOUNTS);
}

/* ---- Oof: of the mailbox, not the directory ---- */

static enum err parse_oof_get(struct wbxml_reader *r, struct setting *s)
{
	return settings_oof_parse_get(r, &s->oof);
}

static enum err parse_oof(struct wbxml_reader *r, struct setting *s)
{
	return settings_oof_parse_set(r, &s->oof);
}

static enum err run_oof(struct eas_request *rq, struct store_tx *tx, struct settings *all, struct setting *s)
{
	enum err e;

	(void)tx;
	s->status = s->oof.malformed ? SETTINGS_MALFORMED : s->oof.invalid ? SETTINGS_INVALID : SETTINGS_DONE;
	if (s->status != SETTINGS_DONE)
		return ERR_OK;
	all->oof_html = s->oof.asks_html;
	e = s->gets ? settings_oof_read(rq, &all->oof) : settings_oof_write(rq, &s->oof);
	if (e != ERR_INVALID && e != ERR_LIMIT)
		return e;
	s->status = SETTINGS_INVALID;
	return ERR_OK;
}

static void put_oof(struct eas_request *rq, struct wbxml_writer *w, const struct settings *all)
{
	(void)rq;
	settings_oof_put(w, &all->oof, all->oof_html);
}

/* ---- RightsManagementInformation: there are no templates (MS-ASCMD_R1740, R1742) ---- */

static void put_rights(struct eas_request *rq, struct wbxml_writer *w, const struct settings *all)
{
	(void)rq, (void)all;
	wbxml_empty(w, TAG_RIGHTSMANAGEMENT_RIGHTSMANAGEMENTTEMPLATES);
}

/* ---- the table ---- */

static const struct property properties[] = {
	{ .tag = TAG_SETTINGS_OOF, .parse_get = parse_oof_get, .parse_set = parse_oof, .run = run_oof, .put = put_oof },
	{
		/* MS-ASCMD_R4402: recovery passwords are not kept. */
		.tag = TAG_SETTINGS_DEVICEPASSWORD,
		.get_status = SETTINGS_MALFORMED,
		.set_status = SETTINGS_DENIED,
	},
	{
		.tag = TAG_SETTINGS_DEVICEINFORMATION,
		.run = run_device,
		.writes = true,
		.get_status = SETTINGS_MALFORMED,
	},
	{
		.tag = TAG_SETTINGS_USERINFORMATION,
		.run = run_user,
		.set_status = SETTINGS_MALFORMED,
		.put = put_user,
	},
	{
		.tag = TAG_SETTINGS_RIGHTSMANAGEMENTINFORMATION,
		.get_status = EAS_STATUS_IRM_DISABLED,
		.set_status = SETTINGS_MALFORMED,
		.puts_always = true,
		.put = put_rights,
	},
};
_Static_assert(countof(properties) == EAS_MAX_SETTINGS, "a property stands in a request once");

static const struct property *find(const struct eas_request *rq, uint16_t tag)
{
	for (size_t i = 0; i < countof(properties); i++)
		if (properties[i].tag == tag && wbxml_tag_in(tag, rq->version))
			return &properties[i];
	return NULL;
}

/* ---- the request ---- */

/* DeviceInformation is the same element as in Provision, and has its parser. */
static enum err parse_device(struct wbxml_reader *r, struct setting *s)
{
	enum err e = eas_device_info_parse(r, &s->info);

	s->sets = true;
	s->status = e == ERR_LIMIT ? SETTINGS_INVALID : SETTINGS_DONE; /* MS-ASCMD_R3110: a value too long */
	return e == ERR_LIMIT ? ERR_OK : e;
}

static enum err parse_setting(struct wbxml_reader *r, struct setting *s)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	while (wbxml_child(r, &in, &e)) {
		if (s->gets || s->sets)
			return ERR_INVALID;
		s->gets = r->tag == TAG_SETTINGS_GET;
		s->sets = r->tag == TAG_SETTINGS_SET;
		if (s->sets && s->property->parse_set)
			e = s->property->parse_set(r, s);
		else if (s->gets && s->property->parse_get)
			e = s->property->parse_get(r, s);
		else
			e = wbxml_skip(r);
	}
	TRY(e);
	if (!s->gets && !s->sets)
		return ERR_INVALID;
	s->status = s->gets ? s->property->get_status : s->property->set_status;
	return ERR_OK;
}

static enum err parse_property(struct eas_request *rq, struct settings *all)
{
	const struct property *property = find(rq, rq->reader.tag);
	struct setting *s = &all->list[all->n];

	if (!property)
		return ERR_INVALID;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].property == property)
			return ERR_INVALID;
	all->n++;
	s->property = property;
	return property->tag == TAG_SETTINGS_DEVICEINFORMATION ? parse_device(&rq->reader, s)
							       : parse_setting(&rq->reader, s);
}

static enum err parse(struct eas_request *rq, struct settings *ret)
{
	enum err e = ERR_OK;

	while (wbxml_child(&rq->reader, &rq->root, &e))
		TRY(parse_property(rq, ret));
	TRY(e);
	return ret->n ? wbxml_done(&rq->reader) : ERR_INVALID;
}

/* ---- at work ---- */

/* A status that is there already means that nothing is to be done. */
static bool is_at_work(const struct setting *s)
{
	return s->property->run && (s->status == 0 || s->status == SETTINGS_DONE);
}

static enum err run(struct eas_request *rq, struct settings *all)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	bool writes = false, works = false;

	for (size_t i = 0; i < all->n; i++) {
		works |= is_at_work(&all->list[i]);
		writes |= is_at_work(&all->list[i]) && all->list[i].property->writes;
	}
	if (!works)
		return ERR_OK;
	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, writes ? STORE_WRITE : STORE_READ, &tx));
	for (size_t i = 0; i < all->n; i++)
		if (is_at_work(&all->list[i]))
			TRY(all->list[i].property->run(rq, tx, all, &all->list[i]));
	return store_commit(&tx);
}

/* ---- the answer ---- */

static void put_setting(struct eas_request *rq, struct wbxml_writer *w, const struct settings *all,
			const struct setting *s)
{
	wbxml_open(w, s->property->tag);
	wbxml_put_u64(w, TAG_SETTINGS_STATUS, s->status);
	if (s->gets && s->property->put && (s->status == SETTINGS_DONE || s->property->puts_always)) {
		wbxml_open(w, TAG_SETTINGS_GET);
		s->property->put(rq, w, all);
		wbxml_close(w, TAG_SETTINGS_GET);
	}
	wbxml_close(w, s->property->tag);
}

static void respond(struct eas_request *rq, const struct settings *all)
{
	struct wbxml_writer w;

	eas_writer_begin(rq, &w);
	wbxml_open(&w, TAG_SETTINGS_SETTINGS);
	wbxml_put_u64(&w, TAG_SETTINGS_STATUS, SETTINGS_DONE);
	for (size_t i = 0; i < all->n; i++)
		put_setting(rq, &w, all, &all->list[i]);
	wbxml_close(&w, TAG_SETTINGS_SETTINGS);
	eas_respond_wbxml(rq, &w);
}

void eas_settings(struct eas_request *rq)
{
	struct settings all = { 0 };
	enum err e;

	if (parse(rq, &all) != ERR_OK) {
		eas_respond_malformed(rq, SETTINGS_MALFORMED);
		return;
	}
	e = run(rq, &all);
	for (size_t i = 0; i < all.n; i++)
		if (all.list[i].info.texts != DEVICE_TEXTS_UNSAID)
			eas_outbound_changed(rq);
	if (e == ERR_BUSY)
		eas_respond_status(rq, SETTINGS_UNAVAILABLE);
	else if (e)
		eas_respond_err(rq, e);
	else
		respond(rq, &all);
}
