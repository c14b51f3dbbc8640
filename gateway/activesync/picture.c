/* Pictures of people. */
#include <gateway/activesync/picture.h>

#include <store/address_book.h>

enum picture_status { /* MS-ASCMD R4309, R4371 */
		      PICTURE_GIVEN = 1,
		      PICTURE_NONE = 173,
		      PICTURE_TOO_LARGE = 174,
		      PICTURE_ONE_TOO_MANY = 175,
};

enum err eas_pictures_parse(struct wbxml_reader *r, const struct eas_picture_tags *tags, struct eas_pictures *ret)
{
	struct wbxml_scope in = wbxml_enter(r);
	enum err e = ERR_OK;

	*ret = (struct eas_pictures){ .wanted = true, .max_octets = UINT32_MAX, .left = UINT32_MAX };
	while (wbxml_child(r, &in, &e)) {
		if (r->tag == tags->max_size)
			e = wbxml_u64(r, 0, UINT32_MAX, &ret->max_octets);
		else if (r->tag == tags->max_pictures)
			e = wbxml_u64(r, 0, UINT32_MAX, &ret->left);
		else
			e = ERR_INVALID;
	}
	return e;
}

/* MS-ASCMD R3295, R3296, R3297: also where no more are given, who has none or too large a one is told apart. */
static enum picture_status judge(const struct wbxml_writer *w, struct str octets, const struct eas_pictures *allowed)
{
	if (octets.n == 0)
		return PICTURE_NONE;
	if (octets.n > allowed->max_octets)
		return PICTURE_TOO_LARGE;
	if (allowed->left == 0 || w->out->n >= EAS_MAX_PAGE_BYTES)
		return PICTURE_ONE_TOO_MANY;
	return PICTURE_GIVEN;
}

enum err eas_picture_put(struct wbxml_writer *w, const struct eas_picture_tags *tags, struct store_tx *tx,
			 int64_t account, struct eas_pictures *allowed)
{
	CLEANUP(arena_release) struct arena scratch = ARENA_INIT(2 * BOOK_PICTURE_MAX);
	struct str octets = STR_EMPTY;
	enum err e = book_picture_get(&scratch, tx, account, &octets);
	enum picture_status status;

	if (e && e != ERR_NOT_FOUND)
		return e;
	status = judge(w, octets, allowed);
	wbxml_open(w, tags->picture);
	wbxml_put_u64(w, tags->status, status);
	if (status == PICTURE_GIVEN) {
		wbxml_put_opaque(w, tags->data, octets);
		allowed->left--;
	}
	wbxml_close(w, tags->picture);
	return buf_status(w->out);
}
