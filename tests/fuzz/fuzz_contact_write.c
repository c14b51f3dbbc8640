/* Contacts as phones write them (write_again.h). */
#include "write_again.h"

#include <gateway/activesync/contact.h>
#include <gateway/content/contact.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool readable(struct arena *a, struct str octets)
{
	struct contact contact;
	struct vcard card;

	return vcard_parse(a, octets, &card) == ERR_OK && contact_read(a, &card, &contact) == ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= 2)
		check_write(data, size, contact_write, readable);
	return 0;
}
