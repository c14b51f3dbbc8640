#include "body.h"

#define BODY(name) offsetof(struct item_body, name)

static enum err read_data(struct doc *d, void *into)
{
	struct item_body *b = into;

	b->has_data = true;
	return doc_text(d, &b->data);
}

enum err body_read(struct doc *d, void *into)
{
	static const struct doc_rule rules[] = {
		{ TAG_AIRSYNCBASE_TYPE, DOC_REQUIRED | DOC_ORDERED, doc_u32, BODY(type) },
		{ TAG_AIRSYNCBASE_ESTIMATEDDATASIZE, DOC_ORDERED, doc_u32, BODY(estimated_bytes) },
		{ TAG_AIRSYNCBASE_TRUNCATED, DOC_ORDERED, doc_bool, BODY(truncated) },
		{ TAG_AIRSYNCBASE_DATA, DOC_ORDERED, read_data, 0 },
		{ TAG_ITEMOPERATIONS_PART, 0, doc_u32, BODY(part) },
		{ TAG_AIRSYNCBASE_PREVIEW, DOC_ORDERED, doc_text, BODY(preview) },
	};
	struct item_body *b = into;

	b->present = true;
	return doc_children(d, rules, countof(rules), into);
}
