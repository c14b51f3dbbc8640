/* Uses. */
#include <gateway/imap/special.h>

static const char *const names[FOLDER_ROLE_MAX_] = {
	[FOLDER_DRAFTS] = "\\Drafts", [FOLDER_DELETED] = "\\Trash",   [FOLDER_SENT] = "\\Sent",
	[FOLDER_JUNK] = "\\Junk",     [FOLDER_ARCHIVE] = "\\Archive",
};

const char *imap_special_name(enum folder_role role)
{
	return role < FOLDER_ROLE_MAX_ ? names[role] : NULL;
}

enum folder_role imap_special_read(struct imap_in *in)
{
	struct str word;

	in_char(in, '\\');
	word = in_atom(in);
	for (int i = 0; in_ok(in) && i < FOLDER_ROLE_MAX_; i++)
		if (names[i] && str_ieq(word, str_of(names[i] + 1)))
			return (enum folder_role)i;
	return FOLDER_ROLE_MAX_;
}
