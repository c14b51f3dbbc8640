/*
 * A contact as plain values, whatever its vCard writes them like: which property holds what is said by one table
 * (contact.c), for vCards of phones, desktops and other servers. An edit changes the properties that it names and no other
 * octet. Pure, any thread.
 */
#ifndef CONTENT_CONTACT_H
#define CONTENT_CONTACT_H

#include <gateway/content/vcard.h>

enum contact_field {
	CONTACT_LAST_NAME,
	CONTACT_FIRST_NAME,
	CONTACT_MIDDLE_NAME,
	CONTACT_TITLE, /* Dr. */
	CONTACT_SUFFIX,
	CONTACT_FILE_AS,
	CONTACT_NICKNAME,
	CONTACT_YOMI_FIRST_NAME,
	CONTACT_YOMI_LAST_NAME,
	CONTACT_YOMI_COMPANY,
	CONTACT_COMPANY,
	CONTACT_DEPARTMENT,
	CONTACT_JOB_TITLE,
	CONTACT_OFFICE,
	CONTACT_MANAGER,
	CONTACT_ASSISTANT,
	CONTACT_SPOUSE,
	CONTACT_EMAIL_1,
	CONTACT_EMAIL_2,
	CONTACT_EMAIL_3,
	CONTACT_IM_1,
	CONTACT_IM_2,
	CONTACT_IM_3,
	CONTACT_PHONE_HOME,
	CONTACT_PHONE_HOME_2,
	CONTACT_PHONE_WORK,
	CONTACT_PHONE_WORK_2,
	CONTACT_PHONE_MOBILE,
	CONTACT_PHONE_HOME_FAX,
	CONTACT_PHONE_WORK_FAX,
	CONTACT_PHONE_PAGER,
	CONTACT_PHONE_CAR,
	CONTACT_PHONE_RADIO,
	CONTACT_PHONE_ASSISTANT,
	CONTACT_PHONE_COMPANY,
	CONTACT_HOME_STREET,
	CONTACT_HOME_CITY,
	CONTACT_HOME_STATE,
	CONTACT_HOME_POSTAL_CODE,
	CONTACT_HOME_COUNTRY,
	CONTACT_WORK_STREET,
	CONTACT_WORK_CITY,
	CONTACT_WORK_STATE,
	CONTACT_WORK_POSTAL_CODE,
	CONTACT_WORK_COUNTRY,
	CONTACT_OTHER_STREET,
	CONTACT_OTHER_CITY,
	CONTACT_OTHER_STATE,
	CONTACT_OTHER_POSTAL_CODE,
	CONTACT_OTHER_COUNTRY,
	CONTACT_BIRTHDAY,    /* a day: YYYY-MM-DD; 1604 for a year that is not told */
	CONTACT_ANNIVERSARY, /* the same */
	CONTACT_WEB_PAGE,
	CONTACT_CUSTOMER_ID,
	CONTACT_GOVERNMENT_ID,
	CONTACT_ACCOUNT_NAME,
	CONTACT_MMS,
	CONTACT_NOTE,
	CONTACT_PICTURE, /* base64 of an image, on one line */
	CONTACT_FIELD_MAX_
};

enum contact_list { CONTACT_CATEGORIES, CONTACT_CHILDREN, CONTACT_LIST_MAX_ };

struct contact {
	struct str field[CONTACT_FIELD_MAX_]; /* empty: it has none */
	struct {
		struct str *v;
		size_t n;
	} list[CONTACT_LIST_MAX_];
};

/* What is to be another way; a field that is set to nothing goes. */
struct contact_edit {
	bool has[CONTACT_FIELD_MAX_], has_list[CONTACT_LIST_MAX_];
	struct contact to;
};

/* Everything that is known of the card. Texts are in the arena. ERR_LIMIT: it is full. */
enum err contact_read(struct arena *a, const struct vcard *card, struct contact *ret) MUST_CHECK;
/*
 * A field that has that value already is left as it is written. FN follows the name where it was made of it. ERR_INVALID: a
 * day that is none. ERR_LIMIT: the arena of the card is full.
 */
enum err contact_apply(struct vcard *card, const struct contact_edit *edit) MUST_CHECK;
/* UID where there is none, and REV; now_ms: UTC. */
enum err contact_stamp(struct vcard *card, uint64_t unique, int64_t now_ms) MUST_CHECK;

#endif
