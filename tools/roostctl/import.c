/* roostctl import: the run, its folders, its end. */
#include <tools/roostctl/import.h>

#include <tools/roostctl/folder_path.h>
#include <tools/roostctl/import_batch.h>

#include <base/table.h>
#include <tools/roostctl/runs.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Ctrl-C: the batch at hand is committed, and the run ends. A second one ends the program as ever. */
static volatile sig_atomic_t interrupted;

static void on_interrupt(int signal_number)
{
	(void)signal_number;
	interrupted = 1;
}

bool import_goes_on(const struct import *im)
{
	return !im->failed && !im->rootless && !interrupted;
}

void import_bad(struct import *im, const char *path, const char *fmt, ...)
{
	va_list ap;

	progress_clear(&im->progress);
	im->bad++;
	va_start(ap, fmt);
	fprintf(stderr, "roostctl: %s: ", path);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
}

ssize_t import_read(struct import *im, const char *path, int fd, char *chunk)
{
	ssize_t n;

	do
		n = read(fd, chunk, IMPORT_CHUNK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		import_bad(im, path, "%s", strerror(errno));
	return n;
}

static enum err make_step(struct import *im, int64_t parent, struct str name, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(im->ctl->store, im->mailbox, STORE_WRITE, &tx));
	TRY(folder_path_step(tx, parent, name, ret_id));
	return store_commit(&tx);
}

int64_t import_folder(struct import *im, int64_t parent, struct str name, const char *path)
{
	int64_t id;
	enum err e = make_step(im, parent, name, &id);

	if (!e)
		return id;
	if (e == ERR_UNSUPPORTED)
		import_bad(im, path, "the folder \"" STR_FMT "\" is not for mail", STR_ARG(name));
	else if (e == ERR_INVALID || e == ERR_LIMIT)
		import_bad(im, path, "no folder can have the name \"" STR_FMT "\"", STR_ARG(name));
	else
		im->failed = e;
	return 0;
}

/* A calendar, an address book and their like. */
static bool is_of_entries(struct import *im, const char *path)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct folder folder;
	int64_t id;

	return !store_begin(im->ctl->store, im->mailbox, STORE_READ, &tx) && !folder_path_find(tx, path, &id) &&
	       !folder_get(&im->ctl->arena, tx, id, &folder) && folder.class != FOLDER_MAIL;
}

/* The folder that --folder names, made where it is missing; else the Inbox. */
static int64_t root_folder(struct import *im, const char *path)
{
	struct str rest, name;
	int64_t id = FOLDER_ROOT;

	if (path && is_of_entries(im, path)) /* mail beside it goes where it goes without --folder */
		path = NULL;
	rest = path ? str_of(path) : S("INBOX");
	while (str_cut(&rest, '/', &name)) {
		id = import_folder(im, id, name, path ? path : "Inbox");
		if (!id)
			break;
	}
	return id;
}

int64_t import_root(struct import *im, int64_t folder)
{
	if (folder != IMPORT_ROOT)
		return folder;
	if (!im->root && !im->rootless) {
		im->root = root_folder(im, im->named);
		im->rootless = !im->root;
	}
	return im->root;
}

enum err import_entries_folder(struct import *im, enum folder_class class, enum folder_role role, int64_t *ret_id)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	const char *name = folder_class_names[class];

	TRY(store_begin(im->ctl->store, im->mailbox, STORE_READ, &tx));
	if (im->named && !folder_path_find_class(tx, im->named, class, ret_id))
		return ERR_OK;
	if (im->named && !(im->told_elsewhere & 1u << class)) {
		im->told_elsewhere |= 1u << class;
		progress_clear(&im->progress);
		ctl_say("%s: there is no such folder of class %s, so those go where they go without --folder; "
			"folder add --class %s makes one",
			im->named, name, name);
	}
	return folder_by_role(tx, role, ret_id);
}

static void sum_up(struct import *im)
{
	struct batch_counts n = batch_counts(im->batch);
	int64_t ms = progress_elapsed_ms(&im->progress);
	uint64_t mails = n.added + n.known;

	progress_clear(&im->progress);
	fprintf(stderr, "%" PRIu64 " added, %" PRIu64 " there already", n.added, n.known);
	if (im->events || im->events_known)
		fprintf(stderr, ", %" PRIu64 " events added, %" PRIu64 " there already", im->events, im->events_known);
	if (im->entries || im->entries_known)
		fprintf(stderr, ", %" PRIu64 " contacts, tasks or notes added, %" PRIu64 " there already", im->entries,
			im->entries_known);
	if (im->gone)
		fprintf(stderr, ", %" PRIu64 " deleted at the source and left out", im->gone);
	if (im->bad)
		fprintf(stderr, ", %" PRIu64 " that could not be read", im->bad);
	fprintf(stderr, "; %" PRIu64 ".%" PRIu64 " MB, %" PRIu64 " mails/s\n", n.bytes / 1000000, n.bytes / 100000 % 10,
		mails * 1000 / (uint64_t)(ms > 0 ? ms : 1));
}

static enum status finish(struct import *im)
{
	if (!im->failed)
		im->failed = batch_commit(im->batch);
	sum_up(im);
	if (im->failed)
		return ctl_fail(im->failed, "the import stopped; a second run goes on where this one ended");
	if (interrupted) {
		ctl_say("interrupted; a second run goes on where this one ended");
		return STATUS_FAILED;
	}
	return im->bad ? STATUS_FAILED : STATUS_DONE;
}

static void catch_interrupts(void)
{
	struct sigaction action = { .sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND };

	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

enum status import_run(struct ctl *c, const struct args *args)
{
	struct import im = { .ctl = c };
	struct account account;
	enum status status;

	if (ctl_account(c, args->word[0], &account))
		return STATUS_FAILED;
	catch_interrupts();
	im.mailbox = account.mailbox;
	im.named = args->option[OPTION_FOLDER];
	im.below = args->option[OPTION_FOLDER] != NULL;
	im.batch = batch_new(c->store, c->config.server.state_dir, im.mailbox, IMPORT_MESSAGE_MAX);
	progress_init(&im.progress);
	for (int i = 1; i < args->words_n && import_goes_on(&im); i++)
		import_path(&im, args->word[i]);
	status = finish(&im);
	batch_free(&im.batch);
	for (size_t i = 0; i < countof(im.known); i++)
		table_free(&im.known[i].uids);
	return status;
}
