/* People in the answers of Search and Find. */
#include <gateway/activesync/search.h>

#include <store/address_book.h>

const struct eas_picture_tags eas_search_picture_tags = { TAG_GAL_PICTURE, TAG_GAL_STATUS, TAG_GAL_DATA,
							  TAG_SEARCH_MAXSIZE, TAG_SEARCH_MAXPICTURES };
const struct eas_picture_tags eas_find_picture_tags = { TAG_GAL_PICTURE, TAG_GAL_STATUS, TAG_GAL_DATA, TAG_FIND_MAXSIZE,
							TAG_FIND_MAXPICTURES };

/* The alias stands with the name; a department is nothing that the protocol has. */
static void put_fields(struct wbxml_writer *w, const struct book_entry *entry)
{
	static const struct {
		enum book_field field;
		enum wbxml_tag tag;
	} shown[] = {
		{ BOOK_PHONE, TAG_GAL_PHONE },          { BOOK_OFFICE, TAG_GAL_OFFICE },
		{ BOOK_TITLE, TAG_GAL_TITLE },          { BOOK_COMPANY, TAG_GAL_COMPANY },
		{ BOOK_FIRST_NAME, TAG_GAL_FIRSTNAME }, { BOOK_LAST_NAME, TAG_GAL_LASTNAME },
		{ BOOK_HOME_PHONE, TAG_GAL_HOMEPHONE }, { BOOK_MOBILE_PHONE, TAG_GAL_MOBILEPHONE },
	};

	for (size_t i = 0; i < countof(shown); i++)
		if (entry->field[shown[i].field].n)
			wbxml_put_text(w, shown[i].tag, entry->field[shown[i].field]);
}

static enum err put_person(struct eas_request *rq, struct wbxml_writer *w, struct store_tx *tx,
			   const struct person *person, struct eas_pictures *pictures)
{
	struct book_entry entry;

	TRY(book_get(rq->arena, tx, person->account, &entry));
	wbxml_put_text(w, TAG_GAL_DISPLAYNAME, person->name);
	wbxml_put_text(w, TAG_GAL_ALIAS, person->alias);
	wbxml_put_text(w, TAG_GAL_EMAILADDRESS, person->address);
	put_fields(w, &entry);
	if (pictures->wanted && wbxml_tag_in(TAG_GAL_PICTURE, rq->version)) /* MS-ASCMD_R7273 */
		TRY(eas_picture_put(w, &eas_search_picture_tags, tx, person->account, pictures));
	return buf_status(w->out);
}

enum err eas_search_put_people(struct eas_request *rq, const struct eas_search_request *asked,
			       const struct people *found, struct wbxml_writer *w,
			       const struct eas_search_people_tags *tags, uint64_t *given)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;
	struct eas_pictures pictures = asked->pictures;

	TRY(store_begin(rq->eas->store, STORE_DIRECTORY, STORE_READ, &tx));
	for (uint64_t i = asked->from; i < found->n && i <= asked->to; i++) {
		wbxml_open(w, tags->result);
		wbxml_open(w, tags->properties);
		TRY(put_person(rq, w, tx, &found->list[i], &pictures));
		wbxml_close(w, tags->properties);
		wbxml_close(w, tags->result);
		(*given)++;
	}
	return ERR_OK;
}
