/*
 * An operation: from the struct of its request to the struct of its answer. The table is in operations.c, sorted by the
 * request's element. Workers only.
 */
#ifndef GATEWAY_EWS_OPERATION_H
#define GATEWAY_EWS_OPERATION_H

#include <gateway/auth/auth.h>
#include <gateway/ews/ews.h>
#include <gateway/ews/types.h>

struct ews {
	struct ews_args args;
	size_t max_details; /* EWS_MAX_DETAILS; tests have less */
};

/* Why something is refused: a ResponseCode of the schema, and a text for people. */
struct ews_refusal {
	const char *code, *text;
};

struct ews_call {
	struct ews *ews;
	struct arena *arena;
	const struct auth_identity *who;
	struct str zone;            /* in which times of the request are, where it does not say itself; may be empty */
	struct ews_refusal refused; /* set by an operation that gives ERR_INVALID: the fault that is answered */
};

/*
 * answer: zeroed, absent numbers EWS_ABSENT. What is wrong with one of several things that are asked is said in its own
 * message; an error is a fault of the whole.
 */
typedef enum err ews_run(struct ews_call *c, const void *request, void *answer);

struct ews_operation {
	const char *request; /* the element in the body */
	const char *answer;  /* the same of the answer, with its prefix */
	const struct ews_type *request_type, *answer_type;
	ews_run *run;
};

/* NULL: not here. */
const struct ews_operation *ews_operation_find(struct str request);

ews_run ews_get_oof_run, ews_set_oof_run, ews_get_configuration_run, ews_resolve_names_run, ews_expand_dl_run,
	ews_convert_id_run, ews_get_folder_run, ews_find_folder_run, ews_get_availability_run, ews_get_zones_run;

/* ---- what operations share ---- */

/*
 * The n messages of an answer that has ResponseMessages, and their type. ERR_LIMIT.
 */
enum err ews_messages(struct ews_call *c, const struct ews_type *answer_type, void *answer, size_t n, void *ret_items,
		      const struct ews_type **ret_type) MUST_CHECK;

void ews_succeed(struct ews_response *r);
/* code and text live for ever. */
void ews_fail(struct ews_response *r, const char *code, const char *text);
void ews_warn(struct ews_response *r, const char *code, const char *text);

/* Is it one of the asking account's addresses? */
enum err ews_is_own(struct ews_call *c, struct str address, bool *ret) MUST_CHECK;

#endif
