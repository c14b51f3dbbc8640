/* roostctl doctor: is this installation fit? Each check says one thing; any that failed is the exit status. */
#include <tools/roostctl/doctor.h>

#include <gateway/control/dial.h>
#include <store/check.h>
#include <tools/roostctl/listing.h>
#include <tools/roostctl/runs.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

enum { TEXT_MAX = 1024, WANTED_DESCRIPTORS = 65536, ACCOUNTS_A_STEP = 200, DIAL_TIMEOUT_MS = 5000 };

struct doctor {
	struct listing listing;
	bool failed;
};

void doctor_say(struct doctor *d, const char *check, enum doctor_result result, const char *fmt, ...)
{
	static const char *const names[] = {
		[DOCTOR_OK] = "ok", [DOCTOR_WARNING] = "warning", [DOCTOR_FAILED] = "failed"
	};
	CLEANUP(buf_release) struct buf text = BUF_INIT(TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(&text, fmt, ap);
	va_end(ap);
	listing_text(&d->listing, str_of(check));
	listing_text(&d->listing, str_of(names[result]));
	listing_text(&d->listing, buf_view(&text));
	d->failed |= result == DOCTOR_FAILED;
}

static bool check_server(struct doctor *d, struct ctl *c)
{
	enum err e;
	int fd;

	e = dial_server(c->config.server.state_dir, DIAL_TIMEOUT_MS, &fd);
	if (e) {
		doctor_say(d, "server", DOCTOR_WARNING, "roostd does not run");
		return false;
	}
	close(fd);
	doctor_say(d, "server", DOCTOR_OK, "roostd runs");
	return true;
}

/* What is told of a file that others than its owner can read or write. */
static void check_mode(struct doctor *d, const char *check, const char *path, mode_t wrong, enum doctor_result result)
{
	struct stat st;

	if (stat(path, &st))
		doctor_say(d, check, DOCTOR_FAILED, "%s: not there", path);
	else if (st.st_mode & wrong)
		doctor_say(d, check, result, "%s: mode %03o lets others in", path, (unsigned)(st.st_mode & 0777));
	else
		doctor_say(d, check, DOCTOR_OK, "%s: mode %03o", path, (unsigned)(st.st_mode & 0777));
}

static void check_files(struct doctor *d, struct ctl *c)
{
	check_mode(d, "state folder", c->config.server.state_dir, S_IRWXG | S_IRWXO, DOCTOR_WARNING);
	for (const struct config_certificate *t = c->config.tls; t; t = t->next)
		check_mode(d, "key", t->key, S_IRWXO, DOCTOR_FAILED);
	if (c->config.outbound.password_file)
		check_mode(d, "password", c->config.outbound.password_file, S_IRWXO, DOCTOR_FAILED);
}

/* Of this shell; a unit of systemd has its own LimitNOFILE. */
static void check_descriptors(struct doctor *d)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	doctor_say(d, "descriptors", limit.rlim_max < WANTED_DESCRIPTORS ? DOCTOR_WARNING : DOCTOR_OK,
		   "at most %llu here: a held phone takes one", (unsigned long long)limit.rlim_max);
}

static void check_clock(struct doctor *d)
{
	struct timex t = { 0 };

	if (adjtimex(&t) < 0 || t.status & STA_UNSYNC)
		doctor_say(d, "clock", DOCTOR_WARNING,
			   "the kernel does not know that it is kept right (chrony, timesyncd)");
	else
		doctor_say(d, "clock", DOCTOR_OK, "kept right");
}

static enum err check_mailboxes(struct ctl *c, size_t *ret_n, struct str *ret_bad)
{
	int64_t after = 0;
	size_t n;

	*ret_n = 0;
	do {
		CLEANUP(store_tx_end) struct store_tx *tx = NULL;
		struct account *list;

		arena_reset(&c->arena);
		TRY(store_begin(c->store, STORE_DIRECTORY, STORE_READ, &tx));
		TRY(account_list(&c->arena, tx, after, ACCOUNTS_A_STEP, &list, &n));
		store_tx_end(&tx);
		for (size_t i = 0; i < n; i++) {
			bool sound = false;
			enum err e = store_check(c->store, list[i].mailbox, &sound);

			if (e || !sound) {
				*ret_bad = list[i].address;
				return e ? e : ERR_CORRUPT;
			}
			after = list[i].id;
			++*ret_n;
		}
	} while (n == ACCOUNTS_A_STEP);
	return ERR_OK;
}

static void check_store(struct doctor *d, struct ctl *c)
{
	struct str bad = S("the directory");
	bool sound = false;
	size_t n = 0;
	enum err e = store_check(c->store, STORE_DIRECTORY, &sound);

	if (!e && !sound)
		e = ERR_CORRUPT;
	if (!e)
		e = check_mailboxes(c, &n, &bad);
	if (e)
		doctor_say(d, "store", DOCTOR_FAILED, STR_FMT ": %s", STR_ARG(bad), err_text(e));
	else
		doctor_say(d, "store", DOCTOR_OK, "the directory and %zu mailboxes are sound", n);
}

enum status doctor_run(struct ctl *c, const struct args *args)
{
	static const struct column columns[] = { { "check", "CHECK", 14 },
						 { "result", "RESULT", 8 },
						 { "says", "SAYS", 40 } };
	struct doctor d = { 0 };
	enum status status;
	bool runs;

	listing_begin(&d.listing, columns, countof(columns), listing_form(args->option[OPTION_JSON], LISTING_TABLE));
	runs = check_server(&d, c);
	check_files(&d, c);
	doctor_certificates(&d, c);
	if (runs)
		doctor_listeners(&d, c);
	doctor_smarthost(&d, c);
	check_descriptors(&d);
	check_clock(&d);
	check_store(&d, c);
	listing_end(&d.listing);
	status = ctl_flush();
	return status ? status : d.failed ? STATUS_FAILED : STATUS_DONE;
}
