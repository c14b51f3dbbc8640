/* What -v prints, on stderr: requests and responses with their documents as indented XML. */
#ifndef PHONE_TRACE_H
#define PHONE_TRACE_H

#include <base/str.h>

void trace_request(const char *command, struct str document);
void trace_head(struct str head);
void trace_response(struct str head, struct str document);

#endif
