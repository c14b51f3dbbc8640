/*
 * ApplicationData of an Add, and then of a Change that says the same: what a phone writes is refused, or is octets that our
 * readers read; and said once more it changes nothing, or each Sync would make news of its own.
 *
 * Of the data the first octet is the version, the second what is asked: bit 0 names an instance, bit 1 has it deleted, bit 2 has no
 * property kept by the phone, bits 3 to 6 say where the data of the Change begin, in sixteenths; at 0 they are those of the Add.
 */
#ifndef TESTS_FUZZ_WRITE_AGAIN_H
#define TESTS_FUZZ_WRITE_AGAIN_H

#include <gateway/activesync/item_class.h>
#include <gateway/activesync/profile.h>
#include <gateway/mailbox/entry.h>

#include <assert.h>

#define WRITE_NOW_MS INT64_C(1767225600000)
enum { WRITE_ARENA_MAX = 256 * 1024 * 1024, WRITE_INSTANCE = 1, WRITE_DELETES = 2, WRITE_GHOSTS = 4 };

typedef enum err write_fn(const struct item_write *asked, struct item_written *ret);
typedef bool readable_fn(struct arena *a, struct str octets);

/* After its START. False: no such document. */
static inline bool application_data(struct buf *doc, struct str inner, struct wbxml_reader *r)
{
	buf_put(doc, "\x03\x01\x6a\x00\x5d", 5);
	buf_str(doc, inner);
	buf_char(doc, '\x01');
	wbxml_reader_init(r, buf_view(doc));
	return buf_status(doc) == ERR_OK && wbxml_root(r, TAG_AIRSYNC_APPLICATIONDATA) == ERR_OK;
}

static inline enum err write_once(struct arena *a, const struct item_write *how, struct str inner, struct str before,
				  write_fn *write, struct buf *out)
{
	CLEANUP(buf_release) struct buf doc = BUF_INIT(1 << 20);
	struct item_written written = { .octets = BUF_INIT(ENTRY_MAX_BYTES) };
	struct item_write asked = *how;
	enum err e = ERR_INVALID;

	asked.arena = a;
	asked.before = before;
	if (application_data(&doc, inner, &asked.data))
		e = write(&asked, &written);
	if (!e)
		e = buf_status(&written.octets);
	if (!e)
		buf_str(out, buf_view(&written.octets));
	buf_release(&written.octets);
	return e;
}

static inline void check_write(const uint8_t *data, size_t size, write_fn *write, readable_fn *readable)
{
	CLEANUP(arena_release) struct arena a = ARENA_INIT(WRITE_ARENA_MAX);
	CLEANUP(buf_release)
	struct buf added = BUF_INIT(ENTRY_MAX_BYTES), changed = BUF_INIT(ENTRY_MAX_BYTES),
		   again = BUF_INIT(ENTRY_MAX_BYTES);
	const struct eas_supported none = { .how = EAS_SUPPORTED_NONE }, all = { 0 };
	struct item_write how = { .owner = STR_INIT("ann@example.test"), .now_ms = WRITE_NOW_MS, .unique = 42 };
	struct str said = str_from(data + 2, size - 2), change;

	how.profile = eas_profile_of(STR_EMPTY, STR_EMPTY);
	how.version = (enum eas_version)(data[0] % EAS_VERSION_MAX_);
	how.supported = data[1] & WRITE_GHOSTS ? &none : &all;
	change = str_slice(said, said.n * (data[1] >> 3 & 15) / 16, said.n);
	if (change.n < said.n)
		said = str_slice(said, 0, said.n - change.n);
	if (write_once(&a, &how, said, STR_EMPTY, write, &added))
		return;
	assert(readable(&a, buf_view(&added)));
	if (data[1] & WRITE_INSTANCE)
		how.instance = S("20260205T090000Z");
	how.deletes = data[1] & WRITE_INSTANCE && data[1] & WRITE_DELETES;
	if (write_once(&a, &how, change, buf_view(&added), write, &changed))
		return;
	assert(readable(&a, buf_view(&changed)));
	/* An instance that never was takes its length from what is said. */
	if (how.instance.n && !how.deletes)
		return;
	if (write_once(&a, &how, change, buf_view(&changed), write, &again) == ERR_OK)
		assert(str_eq(buf_view(&changed), buf_view(&again)));
}

#endif
