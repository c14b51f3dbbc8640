/*
 * Any document as a request of any command that is answered at once, over a connection to a server with a mailbox:
 * ItemOperations, MoveItems, GetItemEstimate, Settings, ResolveRecipients, ValidateCert, FolderSync and what else the table
 * of commands has. The first byte
 * is the command's code, the second the version and whether parts are taken. The answer is never a failure of the server,
 * and is a document that our reader takes (eas_phone.c sees to that); what only asks is answered the same in another
 * encoding.
 */
#include "encode_again.h"

#include <base/log.h>
#include <tests/unit/activesync/sync_fixture.h>

#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DOCUMENT_BYTES = 1 << 20, MAILS = 4, CODES = 32, FIND_CODE = 31, PARTS_BIT = 0x80 };

static struct fixture f;
static bool began;

static void end(void)
{
	fixture_stop(&f);
}

static void begin(void)
{
	began = true;
	if (access("/dev/shm", W_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 0); /* what is tested is no disk */
	log_set_level(LOG_LEVEL_ERROR);
	fixture_start(&f);
	atexit(end);
	fixture_learn_hierarchy(&f);
	deliver_n(&f, MAILS);
}

/* Before 14.0 the statuses of documents are HTTP's, that of a broken document among them. */
static struct eas_reply ask(const struct eas_command *c, enum eas_version v, struct str document)
{
	struct eas_reply r = eas_phone_ask(&f.phone, c->name, document);

	if (r.status == 503 || (r.status == 500 && v >= EAS_14_0))
		abort();
	if (str_ieq(eas_reply_header(&r, "Connection"), S("close")))
		eas_phone_hang_up(&f.phone);
	return r;
}

/* Does it change nothing? ItemOperations may: emptying a folder, moving a conversation. */
static bool only_asks(const struct eas_command *c, struct str document)
{
	struct wbxml_reader r;
	enum wbxml_event ev;

	if (c->root == TAG_GETITEMESTIMATE_GETITEMESTIMATE || c->root == TAG_SETTINGS_SETTINGS ||
	    c->root == TAG_SEARCH_SEARCH || c->root == TAG_FIND_FIND ||
	    c->root == TAG_RESOLVERECIPIENTS_RESOLVERECIPIENTS || c->root == TAG_VALIDATECERT_VALIDATECERT)
		return true;
	if (c->root != TAG_ITEMOPERATIONS_ITEMOPERATIONS)
		return false;
	wbxml_reader_init(&r, document);
	while ((ev = wbxml_next(&r)) != WBXML_DONE && ev != WBXML_BAD)
		if (ev == WBXML_START &&
		    (r.tag == TAG_ITEMOPERATIONS_MOVE || r.tag == TAG_ITEMOPERATIONS_EMPTYFOLDERCONTENTS))
			return false;
	return true;
}

/* Find has no code. */
static const struct eas_command *command_of(uint8_t code)
{
	return code == FIND_CODE ? eas_command_by_name(S("Find")) : eas_command_by_code(code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf again = BUF_INIT(DOCUMENT_BYTES);
	const struct eas_command *c = size > 2 ? command_of(data[0] % CODES) : NULL;
	enum eas_version v = size > 2 ? (enum eas_version)(data[1] % PARTS_BIT % EAS_VERSION_MAX_) : EAS_16_1;
	struct eas_reply first, second;
	struct str document;

	if (size > 2 && data[0] % CODES == FIND_CODE) /* the answer to it in another version is not the version's */
		v = EAS_16_1;
	/* Provision has a target of its own, and a wrong policy key would keep the phone out here. */
	if (!c || c->flags & (EAS_HOLDS | EAS_NO_DOCUMENT) || c->root == TAG_PROVISION_PROVISION)
		return -1;
	if (!began)
		begin();
	f.phone.version = eas_version_text(v).p;
	f.phone.headers = data[1] & PARTS_BIT ? "MS-ASAcceptMultiPart: T\r\n" : NULL;
	document = str_from(data + 2, size - 2);
	arena_reset(&f.phone.arena);
	arena_reset(&f.arena);
	first = ask(c, v, document);
	if (only_asks(c, document) && encode_again(document, &again)) {
		second = ask(c, v, buf_view(&again));
		if (first.status != second.status || !str_eq(first.body, second.body))
			abort();
	}
	buf_release(&again);
	return 0;
}
