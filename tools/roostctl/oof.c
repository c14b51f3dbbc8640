/* roostctl oof: whether somebody is away, and what those are told who write to him. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <base/utf8.h>
#include <store/oof.h>

#include <stdio.h>
#include <time.h>

static const char *const states[] = { [OOF_OFF] = "off", [OOF_ON] = "on", [OOF_TIMED] = "timed" };
_Static_assert(countof(states) == OOF_STATE_MAX_, "a word for every state");

/* --to: the audiences, as bits. */
static const struct {
	const char *word;
	unsigned audiences;
} groups[] = {
	{ "all", (1u << OOF_AUDIENCE_MAX_) - 1 },
	{ "internal", 1u << OOF_INTERNAL },
	{ "external", 1u << OOF_EXTERNAL_KNOWN | 1u << OOF_EXTERNAL_UNKNOWN },
};

/* ---- show ---- */

static enum err get(struct ctl *c, int64_t mailbox, struct oof *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_READ, &tx));
	return oof_get(&c->arena, tx, ret);
}

enum status oof_run_show(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = {
		{ "state", "State", 0 },
		{ "start", "From", 0 },
		{ "end", "Until", 0 },
		{ "internal", "Within", 0 },
		{ "external_known", "To contacts", 0 },
		{ "external_unknown", "To others", 0 },
	};
	struct account account;
	struct listing l;
	struct oof oof;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	enum err e = get(c, account.mailbox, &oof);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_BLOCKS));
	listing_text(&l, str_of(states[oof.state]));
	listing_time(&l, oof.start_ms);
	listing_time(&l, oof.end_ms);
	for (int i = 0; i < OOF_AUDIENCE_MAX_; i++)
		listing_text(&l, oof.message[i].enabled ? oof.message[i].reply : S(""));
	listing_end(&l);
	return ctl_flush();
}

/* ---- set ---- */

static enum err read_text(const char *path, struct buf *b)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *f = is_stdin ? stdin : fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (!f)
		return ERR_NOT_FOUND;
	while ((n = fread(piece, 1, sizeof(piece), f)))
		buf_put(b, piece, n);
	if (!is_stdin)
		fclose(f);
	TRY(buf_status(b));
	return b->n && utf8_valid(buf_view(b)) && str_index(buf_view(b), '\0') == b->n ? ERR_OK : ERR_INVALID;
}

/* 2026-12-24, or 2026-12-24T08:00:00Z. */
static bool read_time(const char *text, int64_t *ret_ms)
{
	static const char *const forms[] = { "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d" };

	for (size_t i = 0; i < countof(forms); i++) {
		struct tm tm = { 0 };
		const char *end = strptime(text, forms[i], &tm);

		if (end && !*end) {
			*ret_ms = (int64_t)timegm(&tm) * 1000;
			return true;
		}
	}
	return false;
}

/* Without times he is away until he is back. */
static bool take_times(const struct args *args, struct oof *oof)
{
	const char *start = args->option[OPTION_START], *end = args->option[OPTION_END];

	if (!start && !end)
		return true;
	oof->state = OOF_TIMED;
	return start && end && read_time(start, &oof->start_ms) && read_time(end, &oof->end_ms) &&
	       oof->start_ms < oof->end_ms;
}

static bool take_text(const struct args *args, struct str text, struct oof *oof)
{
	const char *to = args->option[OPTION_TO] ? args->option[OPTION_TO] : groups[0].word;

	for (size_t i = 0; i < countof(groups); i++) {
		if (strcmp(groups[i].word, to) != 0)
			continue;
		for (unsigned k = 0; k < OOF_AUDIENCE_MAX_; k++)
			if (groups[i].audiences & 1u << k)
				oof->message[k] = (struct oof_message){ .enabled = true, .reply = text };
		return true;
	}
	return false;
}

static bool says_something(const struct oof *oof)
{
	bool any = false;

	for (int i = 0; i < OOF_AUDIENCE_MAX_; i++)
		any |= oof->message[i].enabled && oof->message[i].reply.n;
	return any;
}

/* What was typed, in place of what it names. NULL, or what is wrong with it. */
static const char *apply(const struct args *args, struct oof *oof)
{
	if (strcmp(args->word[1], states[OOF_OFF]) == 0) {
		oof->state = OOF_OFF;
		return args->option[OPTION_START] || args->option[OPTION_END] ? "off has no times" : NULL;
	}
	if (strcmp(args->word[1], states[OOF_ON]) != 0)
		return "neither on nor off";
	oof->state = OOF_ON;
	if (!take_times(args, oof))
		return "--start and --end are two times, the earlier one first: 2026-12-24 or 2026-12-24T08:00:00Z";
	return NULL;
}

static enum err set(struct ctl *c, int64_t mailbox, const struct oof *oof)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, mailbox, STORE_WRITE, &tx));
	TRY(oof_set(tx, oof));
	return store_commit(&tx);
}

enum status oof_run_set(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(OOF_REPLY_MAX);
	const char *wrong, *whose = args->word[0];
	struct account account;
	struct oof oof;
	enum err e = ERR_OK;

	if (ctl_account(c, whose, &account))
		return STATUS_FAILED;
	if (args->words_n > 2)
		e = read_text(args->word[2], &text);
	if (e)
		return ctl_fail(e, "%s: a text in UTF-8 of at most %d bytes", args->word[2], OOF_REPLY_MAX);
	e = get(c, account.mailbox, &oof);
	if (e)
		return ctl_fail(e, "%s", whose);
	wrong = apply(args, &oof);
	if (!wrong && text.n && !take_text(args, str_trim(buf_view(&text)), &oof))
		wrong = "--to is all, internal or external";
	if (!wrong && oof.state != OOF_OFF && !says_something(&oof))
		wrong = "there is no text yet that could be sent: name a FILE, or - for standard input";
	if (wrong) {
		ctl_say("%s", wrong);
		return STATUS_FAILED;
	}
	e = set(c, account.mailbox, &oof);
	return e ? ctl_fail(e, "%s", whose) : STATUS_DONE;
}
