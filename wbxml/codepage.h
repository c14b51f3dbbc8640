/*
 * The EAS code pages: one table, generated at build time from codepages.tsv (the published token list), with the
 * protocol versions that know each tag. Version gates are asked here and nowhere else.
 */
#ifndef WBXML_CODEPAGE_H
#define WBXML_CODEPAGE_H

#include <base/str.h>

/* Protocol versions, oldest first. */
enum eas_version { EAS_2_5, EAS_12_0, EAS_12_1, EAS_14_0, EAS_14_1, EAS_16_0, EAS_16_1, EAS_VERSION_MAX_ };
/* "14.1" <-> EAS_14_1; ERR_NOT_FOUND for any other text. */
enum err eas_version_parse(struct str text, enum eas_version *ret) MUST_CHECK;
struct str eas_version_text(enum eas_version v);
/* 161 for 16.1: how the store and the configuration write versions. */
unsigned eas_version_number(enum eas_version v);

/*
 * enum wbxml_tag: page << 8 | token, named TAG_<NAMESPACE>_<TAG> in upper case (TAG_AIRSYNC_SYNC = 0x0005). Nobody
 * handles all of its 600 names in one switch, so what parsers switch over is an integer (struct wbxml_reader).
 */
#include "codepage_tags.h"

/* Any number may be asked for; .p is NULL for what is not in the table. */
struct str wbxml_tag_name(enum wbxml_tag tag); /* "Sync" */
struct str wbxml_page_namespace(uint8_t page); /* "AirSync" */
bool wbxml_tag_known(uint8_t page, uint8_t token);
/* Does this protocol version have the tag? */
bool wbxml_tag_in(enum wbxml_tag tag, enum eas_version v);
/* By namespace and name, for wbxmlcat; ERR_NOT_FOUND. */
enum err wbxml_tag_find(struct str ns, struct str name, enum wbxml_tag *ret) MUST_CHECK;
/* Elements of byte arrays (MS-ASDTYPE 2.7.1): written as opaque, shown as base64. */
bool wbxml_tag_binary(enum wbxml_tag tag);

#endif
