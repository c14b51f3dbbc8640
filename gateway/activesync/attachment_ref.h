/*
 * FileReference (MS-ASAIRS 2.2.2.24): the name of an attachment. folder:item:section, which stays true whatever happens
 * to other mails; folder:item:section/N for the Nth file of a part that is a winmail.dat; of a draft, whose parts are
 * counted anew with each edit, folder:item:cid:ID where the attachment has a Content-ID of its own (drafts made by a phone
 * do); of an event folder:item:att:ID, which lies beside it (store/item_part.h). Pure, any thread.
 */
#ifndef GATEWAY_ACTIVESYNC_ATTACHMENT_REF_H
#define GATEWAY_ACTIVESYNC_ATTACHMENT_REF_H

#include <gateway/content/mime.h>
#include <store/item.h>

enum { ATTACHMENT_REF_MAX = 2048 };

/* `inner` as in struct body_attachment. */
void attachment_ref_put(struct buf *b, const struct item *item, const struct mime_structure *m, size_t part,
			size_t inner);
/* By its place in the message in any case. */
void attachment_ref_put_place(struct buf *b, const struct item *item, const struct mime_structure *m, size_t part,
			      size_t inner);
/* Of what lies beside the item, under that name. */
void attachment_ref_put_stored(struct buf *b, const struct item *item, struct str name);
/* Is it one of these? Then its name is that. */
bool attachment_ref_is_stored(struct str *name);
/* Does an edit of the draft leave the part's reference as it is? */
bool attachment_ref_lasts(const struct mime_structure *m, size_t part);

/* Cuts a reference into the item and what names the part in it. ERR_NOT_FOUND: none of ours. */
enum err attachment_ref_parse(struct str reference, int64_t *ret_item, struct str *ret_part) MUST_CHECK;
/* Takes the number of a file in the part from the name's end; 0: none is there. ERR_NOT_FOUND: none of ours. */
enum err attachment_ref_cut_inner(struct str *name, size_t *ret_inner) MUST_CHECK;
/* The part that ret_part of attachment_ref_parse() names; ERR_NOT_FOUND. */
enum err attachment_ref_find(const struct mime_structure *m, struct str name, size_t *ret) MUST_CHECK;

#endif
