#include <tools/roostctl/mbox_status.h>

#include <gateway/content/header.h>
#include <store/item.h>

static const struct {
	char letter;
	unsigned flag;
} letters[] = {
	{ 'R', ITEM_SEEN }, { 'A', ITEM_ANSWERED }, { 'F', ITEM_FLAGGED }, { 'T', ITEM_DRAFT }, { 'D', ITEM_DELETED },
};

/* Thunderbird's nsMsgMessageFlags. */
enum { MOZILLA_GONE = 0x8 };
static const struct {
	uint64_t bit;
	unsigned flag;
} mozilla[] = {
	{ 0x1, ITEM_SEEN },
	{ 0x2, ITEM_ANSWERED },
	{ 0x4, ITEM_FLAGGED },
	{ 0x1000, ITEM_FORWARDED },
};

static unsigned letters_flags(struct str raw)
{
	unsigned flags = 0;

	for (size_t i = 0; i < raw.n; i++)
		for (size_t j = 0; j < countof(letters); j++)
			if (raw.p[i] == letters[j].letter)
				flags |= letters[j].flag;
	return flags;
}

static void read_mozilla(struct mbox_status *status, struct str raw)
{
	uint64_t bits;

	if (str_hex_to_u64(str_trim(raw), &bits))
		return;
	for (size_t i = 0; i < countof(mozilla); i++)
		if (bits & mozilla[i].bit)
			status->flags |= mozilla[i].flag;
	status->gone = bits & MOZILLA_GONE;
}

struct mbox_status mbox_status_read(struct str header)
{
	struct mbox_status status = { 0 };
	struct header_field field;

	while (header_next(&header, &field)) {
		if (str_ieq(field.name, S("Status")) || str_ieq(field.name, S("X-Status")))
			status.flags |= letters_flags(field.raw);
		else if (str_ieq(field.name, S("X-Mozilla-Status")))
			read_mozilla(&status, field.raw);
	}
	return status;
}
