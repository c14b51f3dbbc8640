/* Requests of web services: what is read, written and read again is written as the same. */
#include <gateway/ews/envelope.h>
#include <gateway/ews/id.h>
#include <gateway/ews/operation.h>

#include <assert.h>

enum { INPUT_MAX = 256 * 1024, ARENA = 64 * 1024 * 1024, OUT_MAX = 64 * 1024 * 1024 };

/* False: no request of ours. */
static bool turn(struct str in, struct arena *a, struct buf *out)
{
	struct ews_envelope envelope;
	const struct ews_operation *op;
	struct str why = STR_EMPTY;
	struct xml_writer w;
	void *request;
	enum err e = ews_envelope_read(a, in, &envelope);

	op = e ? NULL : ews_operation_find(envelope.operation->name);
	if (!op)
		return false;
	(void)ews_version_is_known(envelope.version);
	e = ews_read(a, envelope.operation, op->request_type, &request, &why);
	assert((e == ERR_INVALID) == (why.p != NULL));
	if (e)
		return false;
	ews_envelope_begin(&w, out);
	ews_write(&w, op->request, op->request_type, request);
	xml_end(&w);
	return buf_status(out) == ERR_OK;
}

/* The same octets as an id, in every spelling. */
static void turn_id(struct str in, struct arena *a)
{
	for (int f = EWS_LEGACY_ID; f <= EWS_OWA_ID; f++) {
		struct ews_id id, again;
		struct str text;
		enum err e = ews_id_read(in, (enum ews_id_format)f, &id);

		if (e)
			continue;
		e = ews_id_write(a, &id, (enum ews_id_format)f, &text);
		assert(!e);
		e = ews_id_read(text, (enum ews_id_format)f, &again);
		assert(!e && id.mailbox == again.mailbox && id.folder == again.folder && id.item == again.item);
	}
}

int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n);
int LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
	struct arena a = ARENA_INIT(ARENA);
	struct buf once = BUF_INIT(OUT_MAX), twice = BUF_INIT(OUT_MAX);
	bool again;

	turn_id(str_from(p, n), &a);
	if (n <= INPUT_MAX && turn(str_from(p, n), &a, &once)) {
		again = turn(buf_view(&once), &a, &twice);
		assert(again && str_eq(buf_view(&once), buf_view(&twice)));
	}
	buf_release(&once);
	buf_release(&twice);
	arena_release(&a);
	return 0;
}
