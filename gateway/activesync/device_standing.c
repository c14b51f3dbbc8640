/* Changes with what a device has to be before its command runs. */
#include <gateway/activesync/device.h>

#include <gateway/activesync/device_activity.h>
#include <gateway/activesync/device_notice.h>

enum { PING_HIERARCHY = 7 }; /* MS-ASCMD 2.2.3.177.11 */

static enum err read_access(struct eas_request *rq, struct store_tx *tx, struct eas_standing *s)
{
	CLEANUP(buf_release) struct buf reason = BUF_INIT(ACCESS_REASON_MAX);
	const struct device *d = &s->device;
	const struct access_subject subject = { .device_id = d->device_id,
						.type = d->type,
						.model = d->info.model,
						.os = d->info.os,
						.user_agent = d->info.user_agent,
						.first_seen_ms = d->first_seen_ms };

	TRY(access_decide(rq->arena, tx, rq->account, &subject, &s->access));
	access_reason_put(&reason, &s->access);
	TRY(buf_status(&reason));
	TRY(arena_str(rq->arena, buf_view(&reason), &s->access_reason));
	s->access_news = d->access != (int)s->access.level;
	s->access_unkept = s->access_news || !str_eq(d->access_reason, s->access_reason);
	return ERR_OK;
}

enum err eas_standing_read(struct eas_request *rq, struct store_tx *tx, struct eas_standing *s)
{
	enum err e;

	TRY(access_is_on(tx, rq->account, &s->enabled));
	e = policy_of_account(rq->arena, tx, rq->account, &s->policy);
	s->policy_damaged = e == ERR_CORRUPT;
	if (!s->policy_damaged)
		TRY(e);
	return read_access(rq, tx, s);
}

/* ---- the policy ---- */

static bool is_command(const struct eas_request *rq, enum wbxml_tag root)
{
	return rq->command->root == root;
}

static bool outdated(const struct eas_request *rq, const struct eas_standing *s)
{
	return s->policy_damaged ||
	       eas_policy_outdated(&s->policy, &s->device, rq->version, clock_wall_ms(rq->eas->clock));
}

/* No policy asks for anything; but a phone that keeps a former one is told once that it is over. */
static unsigned without_policy(const struct eas_request *rq, const struct eas_standing *s)
{
	return s->device.policy.document && outdated(rq, s) ? EAS_STATUS_POLICY_REFRESH : EAS_STATUS_OK;
}

static unsigned key_status(const struct eas_request *rq, const struct eas_standing *s)
{
	const struct device *d = &s->device;

	if (!rq->has_policy_key) /* MS-ASPROV_R458, R685 */
		return policy_bool(&s->policy, POLICY_NON_PROVISIONABLE) ? EAS_STATUS_OK : EAS_STATUS_NOT_PROVISIONABLE;
	if (rq->policy_key == 0 || d->policy_key == 0)
		return EAS_STATUS_DEVICE_NOT_PROVISIONED;
	if (rq->policy_key != d->policy_key) /* MS-ASPROV_R487 */
		return EAS_STATUS_INVALID_POLICY_KEY;
	return outdated(rq, s) ? EAS_STATUS_POLICY_REFRESH : EAS_STATUS_OK; /* MS-ASPROV_R693 */
}

/*
 * A Ping carries no key (MS-ASPROV_R61103), and its answer has no status for this: it is told that folders have changed,
 * so that the phone comes with a FolderSync, which carries one.
 */
static unsigned ping_status(const struct eas_request *rq, const struct eas_standing *s)
{
	if (s->policy.id == 0 && !s->policy_damaged)
		return without_policy(rq, s) == EAS_STATUS_OK ? EAS_STATUS_OK : PING_HIERARCHY;
	/* Who is let in without a key is not sent to a command that would ask for none: it would come back at once. */
	if (policy_bool(&s->policy, POLICY_NON_PROVISIONABLE) &&
	    (s->device.policy_key == 0 || !eas_activity_shows_key(rq->eas, s->device.id)))
		return EAS_STATUS_OK;
	if (s->device.policy_key == 0)
		return PING_HIERARCHY;
	return outdated(rq, s) ? PING_HIERARCHY : EAS_STATUS_OK;
}

static unsigned policy_status(const struct eas_request *rq, const struct eas_standing *s)
{
	if (is_command(rq, TAG_PROVISION_PROVISION))
		return EAS_STATUS_OK;
	if (is_command(rq, TAG_PING_PING))
		return ping_status(rq, s);
	return s->policy.id || s->policy_damaged ? key_status(rq, s) : without_policy(rq, s);
}

/* ---- wipe and access ---- */

/* MS-ASCMD_R5280; before 14.0 a phone that sends no key hears 403 (MS-ASCMD_R7561). */
static unsigned wipe_status(const struct eas_request *rq)
{
	return rq->version < EAS_14_0 && !rq->has_policy_key ? EAS_STATUS_DEVICE_BLOCKED : EAS_STATUS_WIPE_REQUESTED;
}

/* In quarantine too a phone tells of itself, and is given its policy. */
static bool is_open_in_quarantine(const struct eas_request *rq)
{
	return is_command(rq, TAG_PROVISION_PROVISION) || is_command(rq, TAG_SETTINGS_SETTINGS);
}

unsigned eas_standing_judge(struct eas_request *rq, const struct eas_standing *s)
{
	unsigned status;

	rq->access = is_open_in_quarantine(rq) ? ACCESS_ALLOW : s->access.level;
	rq->limits = eas_policy_limits_of(&s->policy);
	if (device_wipe_pending(&s->device) && s->device.wipe == DEVICE_WIPE_ACCOUNT && rq->version < EAS_16_1)
		return EAS_STATUS_DEVICE_BLOCKED; /* in this version it can't be told, and more must not go */
	if (device_wipe_pending(&s->device))
		return is_command(rq, TAG_PROVISION_PROVISION) ? EAS_STATUS_OK : wipe_status(rq);
	if (!s->enabled)
		return EAS_STATUS_DISABLED_FOR_SYNC;
	status = policy_status(rq, s);
	if (status != EAS_STATUS_OK)
		return status;
	if (s->access.level == ACCESS_BLOCK)
		return EAS_STATUS_DEVICE_BLOCKED;
	if (rq->access != ACCESS_ALLOW && rq->version < EAS_12_0) /* no mail could tell why */
		return EAS_STATUS_DEVICE_BLOCKED;
	return EAS_STATUS_OK;
}

static enum err look_again(struct eas_request *rq, struct eas_standing *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(auth_still_holds(rq->arena, tx, rq->account, &rq->grant));
	TRY(device_get(rq->arena, tx, rq->device.id, &s->device));
	TRY(eas_standing_read(rq, tx, s));
	return store_commit(&tx);
}

bool eas_gate_still(struct eas_request *rq)
{
	enum access_level was = rq->access;
	struct eas_standing s = { 0 };

	return !look_again(rq, &s) && eas_standing_judge(rq, &s) == EAS_STATUS_OK && rq->access == was;
}

enum err eas_standing_keep(struct store_tx *tx, struct eas_standing *s)
{
	if (!s->access_unkept)
		return ERR_OK;
	s->access_unkept = false;
	return device_set_access(tx, s->device.id, (int)s->access.level, s->access_reason);
}

static enum err keep(struct eas_request *rq, struct eas_standing *s)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_WRITE, &tx));
	TRY(eas_standing_keep(tx, s));
	return store_commit(&tx);
}

enum err eas_standing_note(struct eas_request *rq, struct eas_standing *s)
{
	if (s->access_unkept)
		TRY(keep(rq, s));
	if (!s->access_news || s->access.level == ACCESS_ALLOW)
		return ERR_OK;
	http_log_field(rq->http, "access", str_of(access_level_text(s->access.level)));
	if (s->access.level == ACCESS_QUARANTINE)
		eas_notice_quarantine(rq, &s->device, s->access_reason);
	else if (s->access.level == ACCESS_BLOCK)
		eas_notice_blocked(rq, &s->device, s->access_reason);
	return ERR_OK;
}
