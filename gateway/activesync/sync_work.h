/*
 * Inside of the Sync command: one request at work, and each of its collections. In three steps (store/sync.h): commands
 * (sync_commands.c, a write transaction), pages (sync_page.c, a read transaction), keys (sync_keys.c, a write
 * transaction where there is something to keep); then the answer (sync_answer.c). Worker threads, one request each.
 *
 * Each step has one transaction of the own mailbox, in which every collection but the shared ones does it, and behind it one of the
 * other mailbox for each of those (place.h): never two at once. What goes wrong there is that collection's status.
 */
#ifndef GATEWAY_ACTIVESYNC_SYNC_WORK_H
#define GATEWAY_ACTIVESYNC_SYNC_WORK_H

#include <gateway/activesync/command.h>
#include <gateway/activesync/insert.h>
#include <gateway/activesync/item_class.h>
#include <gateway/activesync/outbound.h>
#include <gateway/activesync/place.h>
#include <gateway/activesync/sync_request.h>
#include <gateway/mailbox/send.h>
#include <store/held_back.h>
#include <store/sync.h>

/* Statuses of MS-ASCMD 2.2.3.177.17. */
enum eas_sync_code {
	EAS_SYNC_DONE = 1,
	EAS_SYNC_BAD_KEY = 3,
	EAS_SYNC_PROTOCOL = 4,
	EAS_SYNC_SERVER = 5,
	EAS_SYNC_CONVERSION = 6,
	EAS_SYNC_CONFLICT = 7,
	EAS_SYNC_NOT_FOUND = 8,
	EAS_SYNC_NO_SPACE = 9,
	EAS_SYNC_HIERARCHY = 12,
	EAS_SYNC_INCOMPLETE = 13,
	EAS_SYNC_BAD_HOLD = 14,
	EAS_SYNC_TOO_MANY = 15,
	EAS_SYNC_RETRY = 16,
	EAS_SYNC_BAD_RECIPIENTS = 183, /* MS-ASCMD 2.2.2: of a draft that is to be sent */
};

struct sync_work {
	const struct eas_sync_collection *asked;
	enum eas_sync_code status;
	struct eas_place place;
	int64_t folder; /* place.folder */
	enum folder_role role;
	const struct item_class *class; /* of the folder; NULL before it was found */
	uint64_t head;                  /* of the folder, when the line was loaded */
	int64_t deleted_items;          /* where Deletes move to; 0: they expunge */
	struct sync_line line;
	enum feed_by by; /* ConversationMode */
	struct eas_options options;
	struct str first_key; /* what key 0 was answered with */
	bool forgotten;       /* baseline.h */
	bool looked;          /* the guard was asked (loop_guard.h) */
	unsigned again;       /* times that this answer was asked for again */
	unsigned window;      /* of the guard; 0: any */
	enum eas_outbound outbound;
	bool held_texts; /* of the Outbox: before this request (eas_outbound_holds()) */
	bool withdraws;  /* what it was told of texts is another phone's to send now: it begins anew */
	/* the options as its policy lets it have them (policy.h), and who sends texts */
	struct eas_options allowed;
	/* step A: the commands that the store keeps results of (all but Fetch), in the order of the request */
	struct sync_command *commands;
	struct sync_result *results;
	size_t commands_n;
	struct sync_draft *drafts; /* sync_drafts.c: one a command of the request; NULL: not the folder of drafts */
	struct sync_text *texts;   /* sync_texts.c: one a command of the request; NULL: none of it adds one */
	struct str
		joined; /* sync_written.c: of the last Add, the octets of the item that it turned out to be; empty: a new one */
	struct sync_answered *answered; /* sync_written.c: to each command of the request; NULL: nothing */
	/* step B */
	struct feed_state state;  /* after the page */
	struct wbxml_writer page; /* fragment: the children of Commands */
	struct buf page_bytes;
	struct eas_inserts page_inserts;
	struct wbxml_writer fetched; /* fragment: Fetch responses */
	struct buf fetched_bytes;
	struct eas_inserts fetched_inserts;
	unsigned entries;
	bool more;
	bool skipped; /* something was passed over: that has to be remembered, or it comes again */
	/* What the guard found in this page; HELD_BACK_NOT: nothing. */
	struct held_back found;
	const struct held_back *held; /* what the device is known not to take, of the mailbox where it lies */
	size_t held_n;
	struct send_author *author; /* sync_meetings.c; NULL: not asked for */
	bool posted;                /* the outbox has something */
};

struct sync_job {
	struct eas_request *rq;
	struct eas_sync_request request;
	struct sync_work *work; /* one a collection, in the request's order */
	size_t n;
	/* What is kept of it for requests that leave out what they said before; empty: nothing, so that they can't. */
	struct str kept;
	bool kept_stored;
};

/* Does the collection lie in the mailbox of this transaction? */
static inline bool sync_work_is_in(const struct sync_work *c, const struct store_tx *tx)
{
	return c->place.mailbox == store_tx_mailbox(tx);
}
/* Is there a page for it, with what is new? Not where it is to begin anew, and has said at the same time what it did. */
static inline bool sync_work_pages(const struct sync_work *c)
{
	return c->asked->get_changes && !c->withdraws;
}
/*
 * What becomes of an error of the other mailbox: the collection's status, so that the guest's own go on; ERR_STALE is
 * returned, and the request runs again.
 */
enum err sync_work_settle_shared(struct sync_work *c, enum err e) MUST_CHECK;

/*
 * The steps. An error that is one collection's becomes its status; what is returned is of the whole request. ERR_STALE
 * from sync_keys_store(): another request of the device was faster.
 */
enum err sync_commands_run(struct sync_job *job) MUST_CHECK;
enum err sync_pages_read(struct sync_job *job) MUST_CHECK;
enum err sync_keys_store(struct sync_job *job) MUST_CHECK;

/*
 * Drafts that the request adds or changes (sync_drafts.c). What is stored is composed and on disk before the write
 * transaction begins; what is wrong with a draft is found then and is the result of its command. Released with the job.
 */
enum err sync_drafts_prepare(struct sync_job *job) MUST_CHECK;
void sync_drafts_release(struct sync_job *job);
/*
 * Add or Change number i of the collection, whose work has drafts. An enum eas_sync_code in result->status, where there
 * is one of its own; else the error says it. ERR_STALE: the draft is another one than it was when it was prepared.
 */
enum err sync_draft_add(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			const struct sync_command *command, struct sync_result *result) MUST_CHECK;
enum err sync_draft_change(struct sync_job *job, struct sync_work *c, struct store_tx *tx, size_t i,
			   struct sync_result *result) MUST_CHECK;
/* Text messages that the request adds (sync_texts.c), in the same way. */
enum err sync_texts_prepare(struct sync_job *job) MUST_CHECK;
void sync_texts_release(struct sync_job *job);
/* After the commit: sends those that the request says to send (sync_send.c). The phone repeats the request on an error. */
enum err sync_drafts_send(const struct sync_job *job) MUST_CHECK;
/*
 * sync_meetings.c, around a command that may change an item: its octets as they were, in `a`, where attendees are to be told of
 * what becomes of them; then what they are told goes into the outbox. item: 0: it is not there, or not any more.
 */
enum err sync_meeting_before(struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
			     int64_t item, struct str *ret) MUST_CHECK;
enum err sync_meeting_tell(struct sync_job *job, struct sync_work *c, struct arena *a, struct store_tx *tx,
			   struct str before, int64_t item) MUST_CHECK;
/* After the commit. */
void sync_meetings_send(const struct sync_job *job);
/* What the server has made of a draft's attachments: FileReference for ClientId, with the answer to its command. */
enum err sync_drafts_answer(struct sync_job *job, struct sync_work *c, struct store_tx *tx,
			    struct arena *scratch) MUST_CHECK;
/* sync_written.c: what is said of items that were added or changed, beside the results. Released with the job. */
enum err sync_answered_read(struct sync_job *job, struct sync_work *c, struct store_tx *tx,
			    struct arena *scratch) MUST_CHECK;
void sync_answered_release(struct sync_job *job);
bool sync_answered_speaks(const struct sync_work *c, size_t i);
void sync_answered_put(struct wbxml_writer *w, const struct sync_work *c, size_t i);
bool sync_draft_speaks(const struct sync_work *c, size_t i);
void sync_draft_put_answer(struct wbxml_writer *w, const struct sync_work *c, size_t i);

/* Does the store have job->kept? Sets kept_stored. */
enum err sync_kept_look(struct sync_job *job, struct store_tx *tx) MUST_CHECK;
/* Stores it unless it is there. Write. */
enum err sync_kept_store(struct sync_job *job, struct store_tx *tx) MUST_CHECK;

/* Of somebody else's folder: may the phone change that item? ERR_NOT_FOUND: it is not there. */
enum err sync_work_may_change(const struct sync_work *c, struct arena *a, struct store_tx *tx, int64_t id,
			      bool *ret) MUST_CHECK;

/* Where the line stands, under the filter as it is now: a Ping asks by it, also before the next page. */
struct feed_state sync_work_state(const struct sync_job *job, const struct sync_work *c);
/* The uncommitted generation, with the options as they are now. */
enum err sync_work_issue(struct sync_work *c, const struct feed_state *st) MUST_CHECK;

/* Up to 12.0 every collection is answered each time; later what says nothing is left out (MS-ASCMD_R4780). */
bool sync_is_short(enum eas_version v);
/* Is there anything to say of this collection, or of any? */
bool sync_work_speaks(const struct sync_work *c);
bool sync_job_speaks(const struct sync_job *job);
/* Writes the document; the caller sends it, with what is to be inserted. */
void sync_answer(struct sync_job *job, struct wbxml_writer *w, struct eas_inserts *inserts);

#endif
