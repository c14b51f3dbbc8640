/*
 * Inside of IMAP: a session, on its loop between jobs and on a worker during one (stream_submit); never on both. What a
 * command needs while it runs is in struct imap_command and goes with it.
 */
#ifndef GATEWAY_IMAP_SESSION_H
#define GATEWAY_IMAP_SESSION_H

#include <gateway/imap/imap.h>
#include <gateway/imap/input.h>
#include <gateway/imap/reader.h>
#include <gateway/imap/view.h>
#include <gateway/session/login.h>

#include <pthread.h>

enum imap_state { IMAP_NOT_AUTHENTICATED, IMAP_AUTHENTICATED, IMAP_SELECTED, IMAP_LOGOUT, IMAP_STATE_MAX_ };

enum imap_enabled {
	IMAP_CONDSTORE = 1u << 0,
	IMAP_QRESYNC = 1u << 1,
	IMAP_UTF8 = 1u << 2,
	IMAP_REV2 = 1u << 3,
	IMAP_UIDONLY = 1u << 4,
};

struct imap_server {
	struct imap_args args;
	struct view_cache *views;
	struct login_service logins;
	pthread_mutex_t lock;
	struct table *users;     /* account's number -> connections, as a pointer's value */
	struct table *addresses; /* peer -> connections that have not logged in */
};

enum { IMAP_OWN_CHANGES = 16 }; /* runs of them; what is forgotten is told once more */
struct imap_selected {
	struct view_key view;
	uint32_t count; /* mails that the client knows of */
	uint32_t uid_validity;
	bool read_only;
	/*
	 * Everything up to here has been told: what lies above view.w is this session's own. Where commands may not tell the
	 * rest (they name mails by number), no higher MODSEQ is told either, or a client that goes away with it would never
	 * hear of what lies between.
	 */
	uint64_t told;
	/* Change numbers of this session's own STOREs above view.w: it has been told of them. */
	struct {
		uint64_t from, to;
	} own[IMAP_OWN_CHANGES];
	unsigned own_n;
};

struct imap_command;
struct imap_idle;
struct imap_append;
struct imap_deflate;
struct imap_notify;

struct imap_session {
	struct imap_server *server;
	struct stream *stream;
	enum imap_state state;
	unsigned enabled;             /* enum imap_enabled */
	unsigned bad, early, refused; /* bad commands; commands and logins before login */
	bool counted_address, counted_user;
	int64_t account, mailbox;
	struct imap_selected selected; /* in IMAP_SELECTED */
	struct imap_set saved;         /* UIDs of the last SEARCH that saved its result; on the heap */

	struct imap_reader reader;
	struct buf out;               /* on its way to the stream */
	struct imap_command *command; /* that runs; NULL at rest */
	struct imap_deflate *deflate; /* since COMPRESS */
	struct imap_notify *notify;   /* since NOTIFY (notify.h) */
	struct stream_job job;
	bool at_work;         /* the job is under way */
	struct timer silence; /* since its client has said something last; after login */
	bool overdue;         /* it fired while a look of the server's own was at work */
	struct login login;
};

/* What a handler says. */
enum imap_next {
	IMAP_FINISHED, /* the command's answer is in c->status and c->text */
	IMAP_AGAIN,    /* call work() again, once the stream has room for more */
	IMAP_WORK,     /* from here(): now call work() */
	IMAP_SAID,     /* from here(): finished, and its answer has been written */
	IMAP_HELD,     /* from here(), which has flushed: it ends when somebody calls imap_command_end() */
};

enum imap_status { IMAP_OK, IMAP_NO, IMAP_BAD, IMAP_STATUS_MAX_ };

typedef void imap_parse_fn(struct imap_in *in, struct imap_command *c);
typedef enum imap_next imap_here_fn(struct imap_command *c);
typedef enum imap_next imap_work_fn(struct imap_command *c, struct worker *w);

enum imap_verb_flags {
	IMAP_V_ANNOUNCE =
		1u << 0, /* tells at its end what has changed: it ends the numbering of before (RFC 9051 5.5) */
	IMAP_V_SEQUENCE = 1u << 1, /* names mails by sequence number, which UIDONLY forbids */
	IMAP_V_UID = 1u << 2,
	IMAP_V_WRITE = 1u << 3, /* changes the selected mailbox: not after EXAMINE */
	IMAP_V_ASKS = 1u << 4,  /* is there for its answer alone: not begun for a client that has gone */
	IMAP_V_LOOKS = 1u << 5, /* has just looked: tells at its end only what it has begun to tell */
};
struct imap_verb {
	const char *name;
	unsigned states; /* where it is allowed: 1u << enum imap_state */
	unsigned flags;
	imap_parse_fn *parse;                    /* NULL: it has no arguments */
	imap_here_fn *here;                      /* on the loop; NULL: straight to work() */
	imap_work_fn *work;                      /* on a worker; NULL: none */
	void (*release)(struct imap_command *c); /* what is not in its arena; may be NULL */
};

/* For errors that are said in more than one place. */
#define IMAP_TEXT_BUSY "[UNAVAILABLE] busy, try again"
#define IMAP_TEXT_SILENT "you have been silent for too long"

struct imap_command {
	struct imap_session *se;
	const struct imap_verb *verb;
	struct buf raw;     /* as it came */
	struct arena arena; /* arguments and what lives as long as the command */
	struct str tag;     /* of raw */
	void *args;
	/*
	 * While the command is held: what its client says goes here, from imap_input(). True: look again; false: wait for
	 * more, or the command has ended.
	 */
	bool (*input)(struct imap_command *c);
	void (*home)(struct imap_command *c);    /* while it is held: its job has come home. May be NULL */
	void (*timeout)(struct imap_command *c); /* while it is held */
	enum imap_status status;
	struct buf text; /* of the tagged answer, with its code */
	bool keeps;      /* for later commands, although it only asks (SEARCH with SAVE) */
	bool worked;     /* its own work is done: what is left is to announce */
	bool bye;        /* the session ends with it */
	enum imap_next next;
	int64_t progress_ms; /* when it was last told how far it is; 0: not yet */
	struct imap_announcing *announcing;
	struct timer retry; /* no worker was free in the midst of it */
};

/* The verb that a command names; NULL. uid: it stood behind UID. */
const struct imap_verb *imap_verb_find(struct str name, bool uid);
/* Every row; for tests. */
const struct imap_verb *imap_verbs(size_t *ret_n);

/* ---- session.c: on the loop ---- */

void imap_enter(struct imap_session *se, enum imap_state to);
/* Writes what is in se->out. */
void imap_flush(struct imap_session *se);
/* The command of IMAP_HELD ends with its tagged answer; nothing of it may be touched any more. Input goes on. */
void imap_command_end(struct imap_command *c);
/* work() is called on a worker. False: none is free. */
bool imap_command_work(struct imap_command *c) MUST_CHECK;
/* The same, as soon as one is free and the client has read most of what it was told. */
void imap_command_insist(struct imap_command *c);
/* What the client has sent, and how much of it has been read: it is there, so its half hour begins anew. */
struct str imap_input(struct imap_session *se);
void imap_consume(struct imap_session *se, size_t n);
/* The reader has a literal that nobody waits for: with LITERAL- one that is too long ends the session (RFC 7888 section 5). */
bool imap_literal_ends(struct imap_session *se);
/* Says BYE and ends. */
void imap_bye(struct imap_session *se, const char *text);
void imap_take_input(struct imap_session *se);
/* A command that does not come from the reader alone (APPEND); its tag and text are copied. */
struct imap_command *imap_command_new(struct imap_session *se, const struct imap_verb *verb, struct buf *raw);
/* It was none. */
void imap_command_drop(struct imap_command *c);
/* Runs it as far as it goes. */
void imap_command_start(struct imap_command *c);
/* Reads tag and name. NULL: there is no such command here, which is answered. */
const struct imap_verb *imap_command_read(struct imap_in *in, struct imap_session *se, struct str *ret_tag);

void imap_login_done(struct login *l, enum login_result result); /* cmd_login.c */

/* ---- answer.c: anywhere ---- */

/* A line of se->out, with its CRLF. */
void imap_line(struct imap_session *se, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum imap_next imap_ok(struct imap_command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum imap_next imap_no(struct imap_command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
enum imap_next imap_bad(struct imap_command *c, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* ok() for ERR_OK, no() with a code else. */
enum imap_next imap_result(struct imap_command *c, enum err e, const char *ok);
/* RFC 9585: how far it is, now and then. */
void imap_progress(struct imap_command *c, uint64_t done, uint64_t of);
/* The tagged line of a command that is finished. */
void imap_put_tagged(struct imap_command *c);
/* A string in the shortest form that carries it: quoted, or a literal; .p NULL: NIL. */
void imap_put_string(struct buf *b, struct str s);
/* As imap_put_string, and as an atom where it is one. */
void imap_put_astring(struct buf *b, struct str s);
/* A mailbox's name as this client reads it. */
void imap_put_name(const struct imap_session *se, struct buf *b, struct str path);
void imap_put_capabilities(const struct imap_session *se, struct buf *b);

static inline bool imap_has(const struct imap_session *se, unsigned enabled)
{
	return se->enabled & enabled;
}

/* The change of a write transaction of this session's own, whose effect it is being told; before it the head was that. */
void imap_note_own(struct imap_session *se, uint64_t change, uint64_t head_before);
/* What a command may say of a MODSEQ. */
uint64_t imap_modseq(const struct imap_command *c, uint64_t modseq);
bool imap_is_own(const struct imap_session *se, uint64_t change);

/* ---- announce.c: on a worker ---- */

/*
 * What a client missed since a change number (RFC 7162 3.2.5, 3.2.6): VANISHED (EARLIER) of what went, of those UIDs alone
 * (NULL: all). Its flags are told by the next imap_announce() where `flags` is set.
 */
enum err imap_tell_missed(struct imap_command *c, struct store_tx *tx, uint64_t since, const struct imap_set *uids,
			  bool flags) MUST_CHECK;

/* Tells what has changed in the selected mailbox since its view, and moves the view on. IMAP_AGAIN: in part. */
enum imap_next imap_announce(struct imap_command *c, struct worker *w);

#endif
