#include <store/store.h>

#include <base/fault.h>
#include <base/log.h>
#include <base/mem.h>
#include <store/handles.h>
#include <store/schema/schema.h>
#include <store/sql/sql.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Room in PATH_MAX for the longest name below state_dir. */
enum { STATE_DIR_MAX = PATH_MAX - 256, HANDLES_MIN = 2 };

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static enum err has_mailboxes(const char *folder, bool *ret)
{
	CLEANUP(close_dir) DIR *dir = opendir(folder);
	const struct dirent *entry;
	int64_t id;

	*ret = false;
	if (!dir)
		return path_errno(errno);
	while (!*ret && (entry = readdir(dir)))
		*ret = str_to_i64(str_of(entry->d_name), &id) == ERR_OK;
	return ERR_OK;
}

/* An empty directory in the place of a lost one would give the ids of the mailboxes again, and new ones replace them. */
static enum err require_directory(const char *path, const char *mailboxes)
{
	struct stat st;
	bool has;

	if (stat(path, &st) == 0 && st.st_size > 0)
		return ERR_OK;
	TRY(has_mailboxes(mailboxes, &has));
	if (!has)
		return ERR_OK;
	log_error("database", "file=%s error=\"missing or empty, but there are mailboxes: restore it\"",
		  log_quote(str_of(path)).text);
	return ERR_CORRUPT;
}

/* The directory database: made at the first start, its name on disk before anything is promised. */
static enum err open_directory(struct store *s)
{
	CLEANUP(path_free) char *path = path_directory_db(s);
	CLEANUP(path_free) char *mailboxes = path_mailboxes(s);
	CLEANUP(sql_close) struct sql_db *db = NULL;

	if (!path_has_parent(s->state_dir))
		return ERR_NOT_FOUND;
	TRY(path_make_folder(mailboxes));
	TRY(require_directory(path, mailboxes));
	TRY(sql_open(path, SQL_CREATE, &db));
	fault_point("store.directory.created");
	TRY(schema_apply(db, &schema_directory, clock_wall_ms(s->config.clock)));
	return path_flush_folder(s->state_dir);
}

const char *store_state_dir(const struct store *s)
{
	return s->state_dir;
}

const struct clock *store_clock(const struct store *s)
{
	return s->config.clock;
}

enum err store_open(const struct store_config *config, struct store **ret)
{
	if (strlen(config->state_dir) == 0 || strlen(config->state_dir) > STATE_DIR_MAX)
		return ERR_INVALID;

	struct store *s = mem_alloc(sizeof(*s));
	s->config = *config;
	s->state_dir = mem_cstr(config->state_dir);
	s->config.state_dir = s->state_dir;
	if (s->config.max_handles < HANDLES_MIN)
		s->config.max_handles = HANDLES_MIN;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->opened, NULL);
	s->databases = table_new();
	list_init(&s->idle);

	enum err e = open_directory(s);
	if (e)
		store_close(&s);
	else
		*ret = s;
	return e;
}

void store_close(struct store **sp)
{
	struct store *s = *sp;

	if (!s)
		return;
	handles_close(s);
	table_free(&s->databases);
	pthread_cond_destroy(&s->opened);
	pthread_mutex_destroy(&s->lock);
	free(s->state_dir);
	free(s);
	*sp = NULL;
}

uint64_t store_flushes(const struct store *s)
{
	return atomic_load_explicit(&s->flushes, memory_order_relaxed);
}
