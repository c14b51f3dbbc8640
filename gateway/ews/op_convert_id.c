/* ConvertId (MS-OXWSCVTID): our ids in the other spellings. exchangelib asks it first, to hear our version. */
#include <gateway/ews/id.h>
#include <gateway/ews/operation.h>

static enum err convert(struct ews_call *c, const struct ews_alternate_id *from, int format,
			const struct ews_type *type, struct ews_convert_id_message *m)
{
	struct ews_alternate_id_answer *to;
	struct ews_id id;

	if (ews_id_read(from->Id, (enum ews_id_format)from->Format, &id) || id.mailbox != c->who->mailbox) {
		ews_fail(&m->response, "ErrorInvalidIdMalformed", "Id is malformed.");
		return ERR_OK;
	}
	ews_succeed(&m->response);
	to = ews_make(c->arena, type, m, "AlternateId", 1);
	if (!to)
		return ERR_LIMIT;
	to->type = S("t:AlternateIdType");
	to->Format = format;
	to->Mailbox = from->Mailbox;
	return ews_id_write(c->arena, &id, (enum ews_id_format)format, &to->Id);
}

enum err ews_convert_id_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_convert_id *asked = request;
	const struct ews_list *ids = &asked->SourceIds->choices;
	const struct ews_choice *id = ids->items;
	struct ews_convert_id_message *messages;
	const struct ews_type *type;

	TRY(ews_messages(c, &ews_convert_id_answer_type, answer, ids->n, &messages, &type));
	for (size_t i = 0; i < ids->n; i++)
		TRY(convert(c, id[i].value, asked->DestinationFormat, type, &messages[i]));
	return ERR_OK;
}
