/* The headers that every ActiveSync answer has. For dispatch.c and respond.c. */
#ifndef GATEWAY_ACTIVESYNC_RESPOND_H
#define GATEWAY_ACTIVESYNC_RESPOND_H

#include <gateway/http/http.h>

#define EAS_CONTENT_TYPE_WBXML S("application/vnd.ms-sync.wbxml")

/* http_response_init() and the common headers. */
void eas_response_init(struct http_response *resp, int status);
/* 503, for a device that is to come again after so many seconds. */
void eas_response_init_retry(struct http_response *resp, unsigned seconds);
/* An HTTP status without a body; 503 has its Retry-After. */
void eas_respond_http(struct http_request *r, int status);

#endif
