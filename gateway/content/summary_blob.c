/* The stored form of a summary. */
#include <gateway/content/summary.h>

#include <gateway/content/blob.h>

/* The texts in the order they are stored. A new one goes to the end, with a new SUMMARY_VERSION. */
static const size_t texts[] = {
	offsetof(struct mail_summary, subject),    offsetof(struct mail_summary, from),
	offsetof(struct mail_summary, to),         offsetof(struct mail_summary, cc),
	offsetof(struct mail_summary, reply_to),   offsetof(struct mail_summary, sender),
	offsetof(struct mail_summary, from_name),  offsetof(struct mail_summary, display_to),
	offsetof(struct mail_summary, message_id), offsetof(struct mail_summary, in_reply_to),
	offsetof(struct mail_summary, references), offsetof(struct mail_summary, message_class),
	offsetof(struct mail_summary, preview),    offsetof(struct mail_summary, bcc),
};

static struct str *text_at(struct mail_summary *s, size_t i)
{
	return (struct str *)(void *)((char *)s + texts[i]);
}

void mail_summary_put(struct buf *b, const struct mail_summary *s)
{
	struct mail_summary copy = *s;

	blob_put_u64(b, SUMMARY_VERSION);
	blob_put_u64(b, s->flags);
	blob_put_u64(b, s->cpid);
	blob_put_u64(b, s->importance);
	blob_put_u64(b, s->native_body);
	blob_put_i64(b, s->date_ms);
	for (size_t i = 0; i < countof(texts); i++)
		blob_put_str(b, *text_at(&copy, i));
	/* The topic is the end of the subject. */
	blob_put_u64(b, s->thread_topic.n);
}

enum err mail_summary_view(struct str blob, struct mail_summary *ret)
{
	struct mail_summary s = { 0 };
	struct blob_reader r = { .rest = blob };
	size_t topic;

	if (blob_u64(&r) != SUMMARY_VERSION)
		return r.bad ? ERR_CORRUPT : ERR_STALE;
	s.flags = (uint32_t)blob_u64_max(&r, MAIL_FLAGS_ALL);
	s.cpid = (uint32_t)blob_u64_max(&r, UINT16_MAX);
	s.importance = (enum mail_importance)blob_u64_max(&r, MAIL_IMPORTANCE_HIGH);
	s.native_body = (uint32_t)blob_u64_max(&r, 2);
	s.date_ms = blob_i64(&r);
	for (size_t i = 0; i < countof(texts); i++)
		*text_at(&s, i) = blob_str(&r);
	topic = (size_t)blob_u64_max(&r, s.subject.n);
	TRY(blob_end(&r));
	s.thread_topic = str_slice(s.subject, s.subject.n - topic, s.subject.n);
	*ret = s;
	return ERR_OK;
}

enum err mail_summary_get(struct arena *a, struct str blob, struct mail_summary *ret)
{
	struct str copy;

	TRY(arena_str(a, blob, &copy));
	return mail_summary_view(copy, ret);
}
