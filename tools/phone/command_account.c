/* options, provision, folders: what a phone does before it has mail. */
#include "commands.h"

#include "fault.h"
#include "hierarchy.h"
#include "provision.h"
#include "wipe.h"

#include <stdio.h>

/* MS-ASCMD 2.2.2: those of the common statuses that a person can do something about. */
static const struct {
	uint32_t status;
	const char *text;
} common[] = {
	{ 126, "the account is not enabled for sync" },
	{ 129, "the device is blocked" },
	{ 140, "the server asks for a remote wipe" },
	{ 141, "the policy wants a phone that can be provisioned" },
	{ 142, "the device is not provisioned" },
	{ 143, "the policy has changed: provision again" },
	{ 144, "the policy key is wrong: provision again" },
	{ 177, "too many devices" },
};

enum err status_fault(struct phone *p, const char *command, uint32_t status)
{
	for (size_t i = 0; i < countof(common); i++)
		if (common[i].status == status)
			return fault(&p->why, "%s status %u: %s", command, status, common[i].text);
	return fault(&p->why, "%s status %u", command, status);
}

static bool list_has(struct str list, struct str word)
{
	struct str part;

	while (str_cut(&list, ',', &part))
		if (str_eq(str_trim(part), word))
			return true;
	return false;
}

enum err command_options(struct phone *p)
{
	static const char *const needed[] = { "Sync", "FolderSync", "Ping", "Provision" };
	struct str versions, commands;

	TRY(phone_options(p));
	versions = reply_header(&p->reply, "MS-ASProtocolVersions");
	commands = reply_header(&p->reply, "MS-ASProtocolCommands");
	printf("versions " STR_FMT "\ncommands " STR_FMT "\n", STR_ARG(versions), STR_ARG(commands));
	if (!list_has(versions, eas_version_text(p->identity.version)))
		return fault(&p->why, "the server does not offer version " STR_FMT,
			     STR_ARG(eas_version_text(p->identity.version)));
	for (size_t i = 0; i < countof(needed); i++)
		if (!list_has(commands, str_of(needed[i])))
			return fault(&p->why, "the server does not offer %s", needed[i]);
	return ERR_OK;
}

static enum err provision_phase(struct phone *p, const struct buf *body, struct provision_reply *ret)
{
	struct doc d = phone_doc(p);
	struct str bytes;

	TRY(phone_post(p, COMMAND_PROVISION, body, 0, &bytes));
	TRY(provision_parse(&d, bytes, ret));
	return ret->status > 100 ? status_fault(p, "Provision", ret->status) : ERR_OK;
}

enum err command_provision(struct phone *p)
{
	CLEANUP(buf_release)
	struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	CLEANUP(buf_release) struct buf acknowledge = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct provision_reply r;
	uint32_t key;

	p->identity.policy_key = 0;
	provision_ask(&ask, p->identity.version);
	TRY(provision_phase(p, &ask, &r));
	if (r.remote_wipe || r.account_wipe)
		return wipe_obey(p, r.account_wipe);
	TRY(provision_check(&p->why, &r, true, &key));
	p->identity.policy_key = key;
	provision_acknowledge(&acknowledge, r.policy_key);
	TRY(provision_phase(p, &acknowledge, &r));
	TRY(provision_check(&p->why, &r, false, &key));
	p->identity.policy_key = p->state.policy_key = key;
	printf("provisioned, policy key %u\n", key);
	return state_save(&p->state, &p->why);
}

static enum err add_folder(struct phone *p, const struct folder_change *c)
{
	if (state_folder(&p->state, c->id))
		return fault(&p->why, "Add of folder " STR_FMT ", which the phone has", STR_ARG(c->id));
	if (!str_eq(c->parent, S("0")) && !state_folder(&p->state, c->parent))
		return fault(&p->why, "folder " STR_FMT " comes before its parent " STR_FMT, STR_ARG(c->id),
			     STR_ARG(c->parent));
	state_add_folder(&p->state, c->id, c->parent, c->type, c->name);
	return ERR_OK;
}

static enum err drop_folder(struct phone *p, struct folder *f)
{
	struct mailbox m;
	enum err e = mailbox_open(&m, p->state.dir, str_of(f->id), &p->why);

	if (!e)
		e = mailbox_reset(&m, &p->why);
	mailbox_close(&m);
	state_drop_folder(f);
	return e;
}

static enum err change_folder(struct phone *p, const struct folder_change *c)
{
	struct folder *f = state_folder(&p->state, c->id);

	if (c->kind == FOLDER_ADD)
		return add_folder(p, c);
	if (!f)
		return fault(&p->why, "%s of folder " STR_FMT ", which the phone has not",
			     c->kind == FOLDER_UPDATE ? "Update" : "Delete", STR_ARG(c->id));
	if (c->kind == FOLDER_DELETE)
		return drop_folder(p, f);
	state_drop_folder(f);
	return add_folder(p, c);
}

static enum err apply_hierarchy(struct phone *p, const struct hierarchy_reply *r)
{
	if (r->changes && str_eq(r->key, buf_view(&p->state.hierarchy_key)))
		return fault(&p->why, "the folders changed, their SyncKey " STR_FMT " did not", STR_ARG(r->key));
	for (const struct folder_change *c = r->changes; c; c = c->next)
		TRY(change_folder(p, c));
	buf_clear(&p->state.hierarchy_key);
	buf_str(&p->state.hierarchy_key, r->key);
	if (buf_status(&p->state.hierarchy_key))
		return fault(&p->why, "a SyncKey of %zu bytes", r->key.n);
	return state_save(&p->state, &p->why);
}

enum { HIERARCHY_BAD_KEY = 9 };

enum err command_folders(struct phone *p)
{
	CLEANUP(buf_release) struct buf ask = BUF_INIT(PHONE_MAX_BODY_BYTES);
	struct doc d = phone_doc(p);
	struct hierarchy_reply r;
	struct str bytes;

	hierarchy_ask(&ask, buf_view(&p->state.hierarchy_key));
	TRY(phone_post(p, COMMAND_FOLDER_SYNC, &ask, 0, &bytes));
	TRY(hierarchy_parse(&d, bytes, &r));
	if (r.status == HIERARCHY_BAD_KEY && p->settings.resync && !str_eq(buf_view(&p->state.hierarchy_key), S("0"))) {
		state_forget_folders(&p->state);
		buf_clear(&p->state.hierarchy_key);
		buf_cstr(&p->state.hierarchy_key, "0");
		return command_folders(p);
	}
	if (r.status != 1)
		return status_fault(p, "FolderSync", r.status);
	TRY(apply_hierarchy(p, &r));
	printf("%u folder changes\n", r.count);
	return ERR_OK;
}

enum err folders_selected(struct phone *p, struct arena *a, struct folder ***ret, size_t *ret_n)
{
	const char *name = p->settings.folder;
	const unsigned classes = p->settings.classes ? p->settings.classes : 1u << CLASS_MAIL;
	const bool all = p->settings.all || p->settings.classes;
	struct folder **found;
	size_t n = 0;

	list_for_each (it, &p->state.folders)
		n++;
	found = arena_array(a, n + 1, sizeof(struct folder *));
	if (!found)
		return fault_err(&p->why, ERR_LIMIT, "too many folders");
	n = 0;
	list_for_each (it, &p->state.folders) {
		struct folder *f = list_entry(it, struct folder, at);

		if (all    ? folder_takes_part(f->type, classes, p->identity.version)
		    : name ? f == state_folder_named(&p->state, str_of(name))
			   : f->type == FOLDER_INBOX)
			found[n++] = f;
	}
	*ret = found;
	*ret_n = n;
	return n ? ERR_OK
		 : fault_err(&p->why, ERR_NOT_FOUND, "no such folder: %s (run `folders` first?)",
			     name ? name : "inbox");
}
