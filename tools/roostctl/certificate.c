/* roostctl account certificate: the certificates with which people write to an account encrypted. */
#include <tools/roostctl/ctl.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <gateway/auth/certificate.h>
#include <store/certificate.h>

#include <stdio.h>

enum { FILE_MAX = 1024 * 1024 };

static enum err read_file(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (!f)
		return ERR_NOT_FOUND;
	while ((n = fread(piece, 1, sizeof(piece), f)))
		buf_put(b, piece, n);
	fclose(f);
	return buf_status(b);
}

static enum err add(struct ctl *c, int64_t account, const struct certificate_facts *facts, struct str der)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct user_certificate row = { .der = der,
					.subject = str_of(facts->subject),
					.expires_ms = facts->expires_s * 1000 };

	memcpy(row.fingerprint, facts->sha256, sizeof(row.fingerprint));
	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(certificate_add(tx, account, &row));
	return store_commit(&tx);
}

enum status certificate_run_add(struct ctl *c, const struct args *args)
{
	CLEANUP(buf_release) struct buf file = BUF_INIT(FILE_MAX), der = BUF_INIT(CERTIFICATE_MAX_BYTES);
	struct certificate_facts facts;
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status)
		return status;
	e = read_file(args->word[1], &file);
	if (!e)
		e = certificate_read(buf_view(&file), &der);
	if (!e)
		e = certificate_describe(buf_view(&der), &facts);
	if (e == ERR_INVALID) {
		ctl_say("%s: no certificate in PEM or DER", args->word[1]);
		return STATUS_FAILED;
	}
	if (!e)
		e = add(c, account.id, &facts, buf_view(&der));
	return e ? ctl_fail(e, "%s", args->word[1]) : STATUS_DONE;
}

static enum err list(struct ctl *c, int64_t account, struct user_certificate **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
	return certificate_list(&c->arena, tx, account, ret, ret_n);
}

static void put_fingerprint(struct buf *b, const struct user_certificate *c)
{
	buf_clear(b);
	buf_hex(b, c->fingerprint, sizeof(c->fingerprint));
}

enum status certificate_run_list(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "fingerprint", "FINGERPRINT", 64 },
						 { "expires", "EXPIRES", 20 },
						 { "subject", "SUBJECT", 40 } };
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CERTIFICATE_FINGERPRINT_SIZE);
	struct user_certificate *rows;
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	struct listing l;
	size_t n;
	enum err e;

	if (status)
		return status;
	e = list(c, account.id, &rows, &n);
	if (e)
		return ctl_fail(e, "%s", args->word[0]);
	listing_begin(&l, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	for (size_t i = 0; i < n; i++) {
		put_fingerprint(&text, &rows[i]);
		listing_text(&l, buf_view(&text));
		listing_time(&l, rows[i].expires_ms);
		listing_text(&l, rows[i].subject);
	}
	listing_end(&l);
	return ctl_flush();
}

/* The only one whose fingerprint begins with the text. */
static enum err remove_one(struct ctl *c, int64_t account, struct str prefix)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(2 * CERTIFICATE_FINGERPRINT_SIZE);
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct user_certificate *rows, *found = NULL;
	size_t n;

	TRY(store_begin(c->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(certificate_list(&c->arena, tx, account, &rows, &n));
	for (size_t i = 0; i < n; i++) {
		put_fingerprint(&text, &rows[i]);
		if (!str_istarts(buf_view(&text), prefix))
			continue;
		if (found)
			return ERR_EXISTS;
		found = &rows[i];
	}
	if (!found)
		return ERR_NOT_FOUND;
	TRY(certificate_remove(tx, account, found->fingerprint));
	return store_commit(&tx);
}

enum status certificate_run_remove(struct ctl *c, const struct args *args)
{
	struct account account;
	enum status status = ctl_account(c, args->word[0], &account);
	enum err e;

	if (status)
		return status;
	e = remove_one(c, account.id, str_of(args->word[1]));
	if (e == ERR_EXISTS || e == ERR_NOT_FOUND) {
		ctl_say("%s: %s", args->word[1], e == ERR_EXISTS ? "several begin so" : "no such certificate");
		return STATUS_FAILED;
	}
	return e ? ctl_fail(e, "%s", args->word[1]) : STATUS_DONE;
}
