/*
 * ResolveNames and ExpandDL (MS-OXWSRSLNM, MS-OXWSEDL): the people that ActiveSync's Search and ResolveRecipients find, and
 * the groups. A group in a group is told as such, for the client to ask about in its turn.
 */
#include <gateway/ews/operation.h>

#include <gateway/mailbox/people.h>
#include <gateway/mailbox/visible.h>
#include <store/address_book.h>

enum { RESOLVE_MAX = 100 }; /* MS-OXWSRSLNM 3.1.4.1: as many are told */

static void put_mailbox(const struct person *p, struct ews_mailbox *m)
{
	*m = (struct ews_mailbox){ .Name = p->name,
				   .EmailAddress = p->address,
				   .RoutingType = S("SMTP"),
				   .MailboxType = p->group ? S("PublicDL") : S("Mailbox") };
}

/* Those that are set; without any there is no element. */
static enum err put_phones(struct ews_call *c, const struct book_entry *entry, const struct ews_type *type,
			   struct ews_contact *to)
{
	static const struct {
		enum book_field field;
		struct str key;
	} phones[] = {
		{ BOOK_PHONE, STR_INIT("BusinessPhone") },
		{ BOOK_HOME_PHONE, STR_INIT("HomePhone") },
		{ BOOK_MOBILE_PHONE, STR_INIT("MobilePhone") },
	};
	struct ews_contact_entry list[countof(phones)], *kept;
	struct ews_contact_entries *at;
	size_t n = 0;

	for (size_t i = 0; i < countof(phones); i++)
		if (entry->field[phones[i].field].n > 0)
			list[n++] = (struct ews_contact_entry){ phones[i].key, entry->field[phones[i].field] };
	if (n == 0)
		return ERR_OK;
	at = ews_make(c->arena, type, to, "PhoneNumbers", 1);
	kept = at ? ews_make(c->arena, ews_type_of(type, "PhoneNumbers"), at, "Entry", n) : NULL;
	if (!kept)
		return ERR_LIMIT;
	memcpy(kept, list, n * sizeof(*kept));
	return ERR_OK;
}

static enum err put_fields(struct ews_call *c, int64_t account, const struct ews_type *type, struct ews_contact *to)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct book_entry entry;

	TRY(store_begin(c->ews->args.store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(book_get(c->arena, tx, account, &entry));
	to->GivenName = entry.field[BOOK_FIRST_NAME];
	to->Surname = entry.field[BOOK_LAST_NAME];
	to->CompanyName = entry.field[BOOK_COMPANY];
	to->Department = entry.field[BOOK_DEPARTMENT];
	to->JobTitle = entry.field[BOOK_TITLE];
	to->OfficeLocation = entry.field[BOOK_OFFICE];
	return put_phones(c, &entry, type, to);
}

static enum err put_contact(struct ews_call *c, const struct person *p, const struct ews_type *type,
			    struct ews_contact *to)
{
	const struct ews_type *entries = ews_type_of(type, "EmailAddresses");
	struct ews_contact_entries *at = ews_make(c->arena, type, to, "EmailAddresses", 1);
	struct ews_contact_entry *entry = at ? ews_make(c->arena, entries, at, "Entry", 1) : NULL;

	if (!entry)
		return ERR_LIMIT;
	to->DisplayName = p->name;
	to->ContactSource = S("ActiveDirectory");
	*entry = (struct ews_contact_entry){ S("EmailAddress1"), p->address };
	return put_fields(c, p->account, type, to);
}

static enum err put_person(struct ews_call *c, const struct person *p, bool full, const struct ews_type *type,
			   struct ews_resolution *to)
{
	struct ews_mailbox *mailbox = ews_make(c->arena, type, to, "Mailbox", 1);

	if (!mailbox)
		return ERR_LIMIT;
	put_mailbox(p, mailbox);
	if (!full)
		return ERR_OK;
	if (!ews_make(c->arena, type, to, "Contact", 1))
		return ERR_LIMIT;
	return put_contact(c, p, ews_type_of(type, "Contact"), to->Contact);
}

static void judge(struct ews_response *r, uint64_t found)
{
	if (found == 0)
		ews_fail(r, "ErrorNameResolutionNoResults", "No results were found.");
	else if (found > 1)
		ews_warn(r, "ErrorNameResolutionMultipleResults", "Multiple results were found.");
	else
		ews_succeed(r);
}

static enum err put_people(struct ews_call *c, const struct people *people, bool full, const struct ews_type *type,
			   struct ews_resolve_names_message *m)
{
	struct ews_resolution_set *set = ews_make(c->arena, type, m, "ResolutionSet", 1);
	const struct ews_type *set_type = ews_type_of(type, "ResolutionSet");
	size_t n = people->n < RESOLVE_MAX ? people->n : RESOLVE_MAX;
	struct ews_resolution *list = set ? ews_make(c->arena, set_type, set, "Resolution", n) : NULL;

	if (!list)
		return ERR_LIMIT;
	set->TotalItemsInView = (int)n;
	set->IncludesLastItemInRange = people->total <= RESOLVE_MAX;
	for (size_t i = 0; i < n; i++)
		TRY(put_person(c, &people->list[i], full, ews_type_of(set_type, "Resolution"), &list[i]));
	return ERR_OK;
}

/* "smtp:ann@example.test" names an address, as clients that know one write it. */
static struct str wanted(struct str entry)
{
	entry = str_trim(entry);
	return str_istarts(entry, S("smtp:")) ? str_slice(entry, sizeof("smtp:") - 1, entry.n) : entry;
}

enum err ews_resolve_names_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_resolve_names *asked = request;
	struct ews_resolve_names_message *m;
	struct people people = { 0 };
	const struct ews_type *type;
	enum err e;

	TRY(ews_messages(c, &ews_resolve_names_answer_type, answer, 1, &m, &type));
	e = people_find(c->arena, c->ews->args.store, c->who->account, wanted(asked->UnresolvedEntry), &people);
	if (e == ERR_INVALID || (e == ERR_LIMIT && asked->UnresolvedEntry.n > PEOPLE_TEXT_MAX))
		e = ERR_OK; /* nobody is called so */
	TRY(e);
	judge(&m->response, people.total);
	return people.n > 0 ? put_people(c, &people, asked->ReturnFullContactData == 1, type, m) : ERR_OK;
}

/* ---- ExpandDL ---- */

static enum err read_members(struct ews_call *c, struct str address, struct group_member **ret, size_t *ret_n)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct mail_group group;

	TRY(store_begin(c->ews->args.store, STORE_DIRECTORY, STORE_READ, &tx));
	TRY(visible_group_find(c->arena, tx, c->who->account, address, &group));
	return mail_group_members(c->arena, tx, group.id, ret, ret_n);
}

/* Who is elsewhere is in no directory of ours: OneOff. */
static void put_member(const struct group_member *member, struct ews_mailbox *m)
{
	static const struct str types[] = { [GROUP_MEMBER_ACCOUNT] = STR_INIT("Mailbox"),
					    [GROUP_MEMBER_GROUP] = STR_INIT("PublicDL"),
					    [GROUP_MEMBER_ELSEWHERE] = STR_INIT("OneOff") };

	*m = (struct ews_mailbox){ .Name = member->name.n ? member->name : member->address,
				   .EmailAddress = member->address,
				   .RoutingType = S("SMTP"),
				   .MailboxType = types[member->kind] };
}

static enum err put_members(struct ews_call *c, const struct group_member *members, size_t n,
			    const struct ews_type *type, struct ews_expand_dl_message *m)
{
	struct ews_dl_expansion *to = ews_make(c->arena, type, m, "DLExpansion", 1);
	struct ews_mailbox *list = to ? ews_make(c->arena, ews_type_of(type, "DLExpansion"), to, "Mailbox", n) : NULL;

	if (!list)
		return ERR_LIMIT;
	to->TotalItemsInView = (int)n;
	to->IncludesLastItemInRange = 1;
	for (size_t i = 0; i < n; i++)
		put_member(&members[i], &list[i]);
	return ERR_OK;
}

enum err ews_expand_dl_run(struct ews_call *c, const void *request, void *answer)
{
	const struct ews_expand_dl *asked = request;
	struct ews_expand_dl_message *m;
	struct group_member *members;
	const struct ews_type *type;
	enum err e;
	size_t n;

	TRY(ews_messages(c, &ews_expand_dl_answer_type, answer, 1, &m, &type));
	e = read_members(c, wanted(asked->Mailbox->EmailAddress), &members, &n);
	if (e == ERR_NOT_FOUND) {
		ews_fail(&m->response, "ErrorNameResolutionNoResults", "No results were found.");
		return ERR_OK;
	}
	TRY(e);
	ews_succeed(&m->response);
	return put_members(c, members, n, type, m);
}
