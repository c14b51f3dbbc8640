/*
 * ActiveSync commands: the request as a command sees it, the table of commands, the common answers.
 *
 * The dispatcher (dispatch.c) asks every gate once: credentials, query, version, command, device, policy, content
 * type, size; a handler holds its command's own work alone. A handler runs on a worker, may block, and ends in exactly
 * one of the eas_respond_*() functions or in eas_hold_park() (hold.h); after either it must not touch the request.
 */
#ifndef GATEWAY_ACTIVESYNC_COMMAND_H
#define GATEWAY_ACTIVESYNC_COMMAND_H

#include <gateway/auth/certificate.h>

#include <gateway/activesync/limits.h>
#include <gateway/activesync/profile.h>
#include <gateway/activesync/policy.h>
#include <gateway/activesync/status.h>
#include <gateway/activesync/throttle.h>
#include <gateway/activesync/version.h>
#include <gateway/auth/auth.h>
#include <gateway/http/http.h>
#include <store/access.h>
#include <wbxml/wbxml.h>

struct auth;
struct eas_activities;
struct eas_inserts;
struct eas_traces;
struct eas_tracing;
struct eas_issued;
struct eas_loops;
struct eas_query;
struct eas_request;
struct push;
struct send_service;
struct store;

struct eas_config {
	unsigned max_hold_s; /* [http] max_hold: longest hold; 0: EAS_MAX_HEARTBEAT_S */
	/* [activesync] min_version, max_version, as 121 or 161; 0: no bound */
	unsigned min_version, max_version;
	struct eas_throttle_limits throttle;
	struct certificate_config certificates; /* [smime] */
	int64_t keep_alive_ms;                  /* of profiles that ask for it; 0: EAS_KEEP_ALIVE_MS */
};

/* What every request shares; made by eas_new(), outlives the HTTP server. Any thread. */
struct eas {
	struct store *store;
	struct push *push;
	struct auth *auth;
	const struct send_service *sender;
	const struct clock *clock;
	struct eas_config config;
	struct eas_issued *issued; /* issued.h */
	struct eas_throttle *throttle;
	struct eas_loops *loops;           /* loop_guard.h */
	struct eas_activities *activities; /* device_activity.h */
	struct eas_traces *traces;         /* trace.h */
};
struct eas_args {
	struct store *store;
	struct push *push;
	struct auth *auth;
	const struct send_service *sender; /* outlives it */
	const struct clock *clock;
	struct eas_config config;
};
struct eas *eas_new(const struct eas_args *args);
void eas_free(struct eas **ep);

/* The route's handler; ctx is the struct eas. Path "/Microsoft-Server-ActiveSync", methods POST and OPTIONS. */
http_handler eas_http;
http_doorman eas_doorman; /* of the same route */
#define EAS_HTTP_PATH "/Microsoft-Server-ActiveSync"
#define EAS_HTTP_METHODS (1u << HTTP_POST | 1u << HTTP_OPTIONS)

typedef void eas_handler(struct eas_request *rq);

enum eas_command_flags {
	EAS_HOLDS = 1 << 0,          /* may be held; a newer request of the device and command ends an older hold */
	EAS_EMPTY_BODY_OK = 1 << 1,  /* MS-ASHTTP: a request without a body has a meaning; from .empty_from on */
	EAS_MIME_BEFORE_14 = 1 << 3, /* up to 12.1 its body is a message (message/rfc822), not a document */
	EAS_NO_DOCUMENT = 1 << 2,    /* its requests have no body, and what is refused is told by HTTP alone */
};

enum { EAS_NO_CODE = 255 }; /* a command that the base64 query does not know */

struct eas_command {
	const char *name; /* in the query, compared without case */
	uint8_t code;     /* in the base64 query */
	enum eas_version from, to;
	unsigned flags;
	enum eas_version empty_from;
	size_t body_max;       /* above it HTTP 413 */
	enum wbxml_tag root;   /* of the request's and the response's document */
	enum wbxml_tag status; /* the Status element that tells of all of a request */
	enum wbxml_tag within; /* what it stands in below the root; 0: in the root itself */
	eas_handler *handler;
};
/* The table, sorted by name without case. */
extern const struct eas_command eas_commands[];
extern const size_t eas_commands_n;
const struct eas_command *eas_command_by_name(struct str name); /* NULL: none */
const struct eas_command *eas_command_by_code(uint8_t code);

eas_handler eas_foldercreate, eas_folderdelete, eas_foldersync, eas_folderupdate, eas_get_attachment, eas_get_hierarchy,
	eas_get_item_estimate, eas_item_operations, eas_meeting_response, eas_move_items, eas_ping, eas_provision,
	eas_settings, eas_sync;
eas_handler eas_send_mail, eas_smart_forward, eas_smart_reply;
eas_handler eas_resolve_recipients, eas_validate_cert;
eas_handler eas_find, eas_search;

/* MS-ASProtocolVersions and MS-ASProtocolCommands, made from the table: what those versions have, no more. */
void eas_offer(struct http_response *resp, struct eas_versions offered);

struct eas_device {
	int64_t id;         /* of the partnership: author of its changes, owner of its sync states */
	struct str text_id; /* DeviceId as sent */
	struct str type;    /* DeviceType as sent */
};

/* One request, from the dispatcher to its end, through holds. One thread at a time. */
struct eas_request {
	struct http_request *http;
	struct eas *eas;
	const struct eas_command *command;
	enum eas_version version;
	struct eas_versions offered; /* to this account and device */
	int64_t account;             /* row of the directory */
	int64_t mailbox;             /* for store_begin() */
	struct str address;          /* the account's */
	struct auth_grant grant;     /* how it logged in */
	uint64_t acts;               /* push_acts() before that */
	struct eas_device device;
	const struct eas_profile *profile;
	enum access_level access;        /* allowed, or seen by quarantine.c alone */
	struct eas_policy_limits limits; /* what the server sees to of its policy */
	bool has_policy_key;             /* there is an X-MS-PolicyKey */
	uint32_t policy_key;             /* X-MS-PolicyKey; 0: absent or "0" */
	bool accept_multipart;           /* MS-ASAcceptMultiPart, or the base64 query's option */
	struct str
		attachment_name; /* of GetAttachment, from the query; of the first worker's arena: not kept in holds */

	const struct eas_query *query; /* until the handler returns: not kept in holds */
	bool status_told;              /* eas_log_status() heard of something that is not well */

	/* Of the worker that runs the request now: replaced when a hold wakes. */
	struct worker *worker;
	struct arena *arena;

	/*
	 * The body. `reader` stands behind the root's START, which was command->root: iterate with
	 * wbxml_child(&rq->reader, &rq->root, &err), then wbxml_done(). An empty body (where the command allows it)
	 * has body.n == 0 and no reader.
	 */
	struct str body;
	struct wbxml_reader reader;
	struct wbxml_scope root;

	/*
	 * The command's own, kept through holds. `finish` is called exactly once when the request's life ends, on any
	 * thread, and frees `state`; written: the answer was written out whole. It must not block or touch the store.
	 */
	void *state;
	void (*finish)(struct eas_request *rq, bool written);

	struct http_response response; /* the answer in the making; responders move it out */
	struct eas_tracing *tracing;   /* NULL: nobody wants to see it */
};

/* Begins the answer's document; the caller writes the root element. */
void eas_writer_begin(struct eas_request *rq, struct wbxml_writer *w);
/* Ends and sends it. Where it has passed EAS_MAX_RESPONSE_BYTES, status 110 (HTTP 500) goes instead. */
void eas_respond_wbxml(struct eas_request *rq, struct wbxml_writer *w);
/* The same with octets from blobs, which are copied behind this call; the caller releases them. */
void eas_respond_inserted(struct eas_request *rq, struct wbxml_writer *w, const struct eas_inserts *inserts);
/* 200 with Content-Length 0 and no Content-Type: done, or nothing new. */
void eas_respond_empty(struct eas_request *rq);
/*
 * A status alone. Below 101, and from 14.0 on: the command's root with only Status. A common status (101 and above)
 * before 14.0 is an HTTP status, by the table in status.c.
 */
void eas_respond_status(struct eas_request *rq, unsigned status);
/* The status of the answer's document in the request's log line, as eas=…; EAS_STATUS_OK is not told. */
void eas_log_status(struct eas_request *rq, unsigned status);
/* The common status of an error of the store: busy, full, damaged. What has a meaning in the command is its to map. */
void eas_respond_err(struct eas_request *rq, enum err e);
/*
 * A body that is no document (reader->why): 102. A document of the wrong shape: the command's own status for that,
 * `syntax` (Sync 4, Ping 4, FolderSync 10).
 */
void eas_respond_malformed(struct eas_request *rq, unsigned syntax);

#endif
