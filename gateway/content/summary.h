/*
 * What every listing of mail shows of a message, made once at delivery from its header and stored beside it as a
 * blob, so that a phone's Sync reads neither the message nor its header. All texts are UTF-8 that XML can carry, on one
 * line, and bounded. Any thread.
 */
#ifndef CONTENT_SUMMARY_H
#define CONTENT_SUMMARY_H

#include <gateway/content/mime.h>

/* Goes up with every change that gives another summary for some message; stored ones are then made anew. */
enum { SUMMARY_VERSION = 3 };

enum {
	SUMMARY_HEADER_MAX = 256 * 1024,   /* octets of the header block that are read */
	SUMMARY_SUBJECT_MAX = 2048,        /* octets of subject and thread topic */
	SUMMARY_ADDRESSES_MAX = 32 * 1024, /* octets of an address list; whole addresses only */
	SUMMARY_IDS_MAX = 8 * 1024,        /* octets of references: the first and the newest that fit */
	SUMMARY_ID_MAX = 998,              /* octets of a message id; a longer one is none */
	SUMMARY_PREVIEW_MAX = 255,         /* characters (MS-ASAIRS 2.2.2.35: Preview is 0 to 255) */
	SUMMARY_BLOB_MAX = 256 * 1024,     /* octets of the stored form, a ceiling for the buffer */
};

enum mail_importance { MAIL_IMPORTANCE_LOW, MAIL_IMPORTANCE_NORMAL, MAIL_IMPORTANCE_HIGH }; /* MS-ASEMAIL 2.2.2.38 */

enum mail_flags {
	MAIL_HAS_ATTACHMENTS = 1, /* at least one that is not shown inside the text */
	MAIL_HAS_DATE = 2,        /* date_ms is of the Date header */
	MAIL_SIGNED = 4,          /* S/MIME or OpenPGP, clear or opaque */
	MAIL_ENCRYPTED = 8,
	MAIL_SMIME = 16,      /* the two above by S/MIME: a phone wants it as MIME (MIMESupport 1) */
	MAIL_MEETING = 32,    /* a request, answer or cancellation of a meeting: a text/calendar part with a method */
	MAIL_REPORT = 64,     /* multipart/report: bounce or receipt */
	MAIL_AUTOMATIC = 128, /* Auto-Submitted or Precedence say that nobody wrote it: never answer it */
	MAIL_LIST = 256,      /* came through a mailing list (List-Id, List-Post) */
	MAIL_BLIND = 512,     /* its recipient is in none of its address lists; found at delivery (mailbox/blind.h) */
	MAIL_REQUEST_SHIFT = 10,     /* three bits: enum mail_request */
	MAIL_FROM_LOOSE = 8192,      /* From may be read as another address (header.h), or there are several fields */
	MAIL_REPLY_TO_LOOSE = 16384, /* the same of Reply-To */
	MAIL_FLAGS_ALL = 32767,
};

/* What a meeting request was to its recipient's calendar when it came; found at delivery (mailbox/meeting.h). */
enum mail_request {
	MAIL_REQUEST_UNKNOWN,
	MAIL_REQUEST_FIRST,
	MAIL_REQUEST_FULL,          /* an update that is to be answered */
	MAIL_REQUEST_INFORMATIONAL, /* one that the answer holds for */
	MAIL_REQUEST_SILENT,        /* one that tells the recipient nothing new */
	MAIL_REQUEST_COPY,          /* somebody else answers it for him (mailbox/substitute.h) */
	MAIL_REQUEST_DELEGATED,     /* he has handed it on (RFC 5546 section 3.2.2.3) */
	MAIL_REQUEST_MASK = 7,
};

struct mail_summary {
	struct str subject;
	struct str thread_topic; /* subject without Re:, Fwd: and their like, or as Thread-Topic has its end */
	struct str from, to, cc, bcc, reply_to, sender; /* `"Name" <address>, …` */
	struct str from_name;                           /* display name of the first author, or his address */
	struct str display_to;                          /* names of To, separated by "; " (MS-ASEMAIL_R399, R400) */
	struct str message_id;                          /* with its brackets */
	struct str in_reply_to;                         /* the first id */
	struct str references;                          /* ids with their brackets, a blank between, oldest first */
	struct str message_class;                       /* IPM.Note… (MS-ASEMAIL 2.2.2.49) */
	struct str preview;                             /* first characters of the text, blanks folded */
	int64_t date_ms;                                /* Date header, since 1970 UTC; 0 without MAIL_HAS_DATE */
	uint32_t flags;                                 /* enum mail_flags */
	uint32_t cpid; /* code page of the body's charset (InternetCPID, MS-ASEMAIL 2.2.2.40); 65001 unless known */
	enum mail_importance importance;
	uint32_t native_body; /* 1 plain text, 2 HTML (NativeBodyType, MS-ASAIRS 2.2.2.32) */
};

static inline enum mail_request mail_request(const struct mail_summary *s)
{
	return (enum mail_request)(s->flags >> MAIL_REQUEST_SHIFT & MAIL_REQUEST_MASK);
}

/*
 * Reads the header and as much of the text as the preview needs. The texts go into `a`. ERR_LIMIT where the arena is
 * full; errors of the source pass through; *ret is then untouched.
 */
enum err mail_summary_make(struct arena *a, const struct mail_source *src, const struct mime_structure *m,
			   struct mail_summary *ret) MUST_CHECK;

void mail_summary_put(struct buf *b, const struct mail_summary *s);
/* As mime_structure_get(): ERR_STALE for another version, ERR_CORRUPT, ERR_LIMIT. blob may go away after the call. */
enum err mail_summary_get(struct arena *a, struct str blob, struct mail_summary *ret) MUST_CHECK;
/* The same without a copy: the texts lie in the blob. */
enum err mail_summary_view(struct str blob, struct mail_summary *ret) MUST_CHECK;

#endif
