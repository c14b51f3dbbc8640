/* SOAP's envelope around requests, answers and faults (MS-OXWSCORE; SOAP 1.1). Pure; any thread. */
#ifndef GATEWAY_EWS_ENVELOPE_H
#define GATEWAY_EWS_ENVELOPE_H

#include <gateway/xml/xml_read.h>
#include <gateway/xml/xml_write.h>

struct ews_envelope {
	const struct xml_node *operation; /* the element in the body */
	struct str version;               /* RequestServerVersion; empty: none */
	struct str zone;                  /* the name in TimeZoneContext; empty: none */
};

/* What a fault says: the code of the types' namespace, and a text for people. Borrowed. */
struct ews_fault {
	struct str code, text;
	unsigned back_off_ms; /* of ErrorServerBusy: when to come again; 0: not told */
};

/* ERR_INVALID: no envelope with one element in its body; ERR_LIMIT: too large. The tree is in the arena. */
enum err ews_envelope_read(struct arena *a, struct str body, struct ews_envelope *ret) MUST_CHECK;
/* Is it a version as Exchange names them? Which one makes no difference. */
bool ews_version_is_known(struct str version);

/* Opens the envelope up to its body; xml_end() closes it. */
void ews_envelope_begin(struct xml_writer *w, struct buf *out);
void ews_envelope_fault(struct buf *out, const struct ews_fault *fault);

#endif
