/*
 * Links to documents (MS-ASDOC 2.2.2.8). roost serves no document libraries; what a request says of one is looked at as
 * far as its answer has a status for it. Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_DOCUMENT_LINK_H
#define GATEWAY_ACTIVESYNC_DOCUMENT_LINK_H

#include <base/str.h>

/* Does it name a server: a UNC path, or an address of file, http or https? */
bool eas_document_link(struct str link) MUST_CHECK;

#endif
