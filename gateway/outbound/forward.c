/* What goes to the smarthost. */
#include <gateway/outbound/attempt.h>

#include <base/buf.h>
#include <base/fault.h>

enum { TRACE_MAX_BYTES = 8 * 1024 };

static enum err open_octets(const struct attempt *at, struct store_blob **ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(at->args->service->store, STORE_DIRECTORY, STORE_READ, &tx));
	return store_blob_open(tx, at->entry.blob, ret);
}

static void set_result(struct attempt_result *to, const struct relay_result *from)
{
	to->state = from->state;
	to->reports = from->reports;
	to->status = from->status;
	to->reply = from->reply;
}

static enum err relay(struct attempt *at, const struct queue_recipient **list, struct relay_result *results, size_t n)
{
	CLEANUP(store_blob_close) struct store_blob *blob = NULL;
	CLEANUP(buf_release) struct buf trace = BUF_INIT(TRACE_MAX_BYTES);
	struct relay_message m = { .sender = at->entry.sender,
				   .recipients = list,
				   .recipients_n = n,
				   .flags = at->entry.flags,
				   .envid = at->entry.envid,
				   .ret = at->entry.ret };

	TRY(open_octets(at, &blob));
	attempt_put_trace(at, &trace, false);
	TRY(buf_status(&trace));
	m.trace = buf_view(&trace);
	m.source = (struct mail_source){ store_blob_read, blob, store_blob_size(blob) };
	fault_point("outbound.relay.before");
	relay_send(at->a, at->args->relay, &m, at->args->stop, results);
	fault_point("outbound.relay.after");
	return ERR_OK;
}

void attempt_relay(struct attempt *at)
{
	size_t most = at->entry.recipients_n + 1, n = 0;
	const struct queue_recipient **list = arena_array(at->a, most, sizeof(*list));
	struct relay_result *results = arena_array(at->a, most, sizeof(*results));
	enum err e = list && results ? ERR_OK : ERR_LIMIT;

	for (size_t i = 0; !e && i < at->entry.recipients_n; i++)
		if (at->relayed[i])
			list[n++] = &at->entry.recipients[i];
	if (!e)
		e = relay(at, list, results, n);
	n = 0;
	for (size_t i = 0; i < at->entry.recipients_n; i++) {
		if (!at->relayed[i])
			continue;
		if (e)
			at->results[i] = (struct attempt_result){ .tried = true,
								  .state = QUEUE_PENDING,
								  .status = S("4.3.0"),
								  .reply = str_of(err_text(e)) };
		else
			set_result(&at->results[i], &results[n++]);
	}
}
