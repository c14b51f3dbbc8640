/* GetUserOofSettings, SetUserOofSettings (MS-OXWOOF): the state that ActiveSync shows and sets too. */
#include <gateway/ews/operation.h>

#include <gateway/mailbox/oof_text.h>

/* False: said in the message. */
static enum err check_mailbox(struct ews_call *c, const struct ews_mailbox *mailbox, struct ews_response *r, bool *ret)
{
	TRY(ews_is_own(c, mailbox->Address, ret));
	if (*ret)
		ews_succeed(r);
	else
		ews_fail(r, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
	return ERR_OK;
}

static enum err reply_of(struct ews_call *c, const struct oof_message *m, struct ews_reply *ret)
{
	CLEANUP(buf_release) struct buf text = BUF_INIT(OOF_TEXT_MAX);

	oof_text_put(&text, m, true);
	TRY(buf_status(&text));
	TRY(arena_str(c->arena, buf_view(&text), &ret->Message));
	if (!ret->Message.p)
		ret->Message = S("");
	return ERR_OK;
}

static enum ews_audience audience_of(const struct oof *oof)
{
	if (oof->message[OOF_EXTERNAL_UNKNOWN].enabled)
		return EWS_AUDIENCE_ALL;
	return oof->message[OOF_EXTERNAL_KNOWN].enabled ? EWS_AUDIENCE_KNOWN : EWS_AUDIENCE_NONE;
}

/* All of it, also where nothing is set: clients take what is missing for an error. */
static enum err settings_of(struct ews_call *c, const struct oof *oof, struct ews_oof_settings *ret)
{
	const struct oof_message *external = &oof->message[OOF_EXTERNAL_UNKNOWN];
	struct ews_duration *duration = arena_new(c->arena, struct ews_duration);

	ret->InternalReply = arena_new(c->arena, struct ews_reply);
	ret->ExternalReply = arena_new(c->arena, struct ews_reply);
	if (!duration || !ret->InternalReply || !ret->ExternalReply)
		return ERR_LIMIT;
	if (external->reply.n == 0)
		external = &oof->message[OOF_EXTERNAL_KNOWN];
	ret->OofState = (int)oof->state;
	ret->ExternalAudience = (int)audience_of(oof);
	*duration = (struct ews_duration){ { true, true, oof->start_ms }, { true, true, oof->end_ms } };
	ret->Duration = duration;
	TRY(reply_of(c, &oof->message[OOF_INTERNAL], ret->InternalReply));
	return reply_of(c, external, ret->ExternalReply);
}

static enum err load(struct ews_call *c, struct oof *ret)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(c->ews->args.store, c->who->mailbox, STORE_READ, &tx));
	return oof_get(c->arena, tx, ret);
}

enum err ews_get_oof_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_get_oof *asked = request;
	struct ews_get_oof_answer *a = answer;
	struct oof oof;
	bool own;

	if (!ews_make(c->arena, &ews_get_oof_answer_type, a, "ResponseMessage", 1))
		return ERR_LIMIT;
	TRY(check_mailbox(c, asked->Mailbox, &a->ResponseMessage->response, &own));
	if (!own)
		return ERR_OK;
	TRY(load(c, &oof));
	if (!ews_make(c->arena, &ews_get_oof_answer_type, a, "OofSettings", 1))
		return ERR_LIMIT;
	a->AllowExternalOof = S("All");
	return settings_of(c, &oof, a->OofSettings);
}

/* A reply that is not sent along stays as it was. */
static void take_reply(const struct ews_reply *reply, bool enabled, struct oof_message *m)
{
	if (reply)
		*m = (struct oof_message){ .html = true, .reply = reply->Message };
	m->enabled = enabled && m->reply.n > 0;
}

static void merge(struct oof *oof, const struct ews_oof_settings *s)
{
	oof->state = (enum oof_state)s->OofState;
	if (s->Duration) {
		oof->start_ms = s->Duration->StartTime.ms;
		oof->end_ms = s->Duration->EndTime.ms;
	}
	take_reply(s->InternalReply, true, &oof->message[OOF_INTERNAL]);
	take_reply(s->ExternalReply, s->ExternalAudience != EWS_AUDIENCE_NONE, &oof->message[OOF_EXTERNAL_KNOWN]);
	take_reply(s->ExternalReply, s->ExternalAudience == EWS_AUDIENCE_ALL, &oof->message[OOF_EXTERNAL_UNKNOWN]);
}

static enum err save(struct ews_call *c, const struct ews_oof_settings *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct oof oof;

	TRY(store_begin(c->ews->args.store, c->who->mailbox, STORE_WRITE, &tx));
	TRY(oof_get(c->arena, tx, &oof));
	merge(&oof, s);
	TRY(oof_set(tx, &oof));
	return store_commit(&tx);
}

static bool is_period(const struct ews_oof_settings *s)
{
	return s->Duration && s->Duration->EndTime.ms > s->Duration->StartTime.ms;
}

enum err ews_set_oof_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_set_oof *asked = request;
	struct ews_set_oof_answer *a = answer;
	struct ews_response *r;
	enum err e;
	bool own;

	if (!ews_make(c->arena, &ews_set_oof_answer_type, a, "ResponseMessage", 1))
		return ERR_LIMIT;
	r = &a->ResponseMessage->response;
	TRY(check_mailbox(c, asked->Mailbox, r, &own));
	if (!own)
		return ERR_OK;
	if (asked->UserOofSettings->OofState == OOF_TIMED && !is_period(asked->UserOofSettings)) {
		ews_fail(r, "ErrorInvalidScheduledOofDuration", "The duration has no end behind its start.");
		return ERR_OK;
	}
	e = save(c, asked->UserOofSettings);
	if (e != ERR_LIMIT && e != ERR_INVALID)
		return e;
	ews_fail(r, "ErrorInvalidUserOofSettings", "A message is too long.");
	return ERR_OK;
}
