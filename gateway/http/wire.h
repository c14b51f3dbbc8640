/* What of HTTP's text is read here and not by libmicrohttpd: pure functions of bytes. Any thread. */
#ifndef GATEWAY_HTTP_WIRE_H
#define GATEWAY_HTTP_WIRE_H

#include <base/str.h>

/*
 * Length of the request head that `in` begins with, its empty line included; 0 where it has not come whole. Lines may
 * end in a bare LF (RFC 9112 section 2.2). *scanned keeps, from 0 on, what has been looked at: more bytes of the same
 * head may follow, and each is looked at once.
 */
size_t wire_head_length(struct str in, size_t *scanned);

/*
 * RFC 3986 section 2.1, in place: it only gets shorter. ERR_INVALID: half an escape, or a NUL. '+' is itself: a request
 * target is no form, and addresses hold it.
 */
enum err wire_percent_decode(char *p, size_t *n) MUST_CHECK;

/* The origin form of a request target: RFC 9112 section 3.2.2 has servers take the absolute form too. */
struct str wire_origin_form(struct str target);

/* The raw value of a parameter, name without case; .p NULL where it is absent. */
struct str wire_query_value(struct str query, struct str name);

/* Does the list of a header name the token, with a weight that is not 0 (RFC 9110 sections 5.6.1 and 12.4.2)? */
bool wire_list_has(struct str list, struct str token);

#endif
