/*
 * Which passwords open a service to an account: any, those of single programs alone, or none. What is not set for the
 * account holds as it is set for everyone, else any. Rows of the directory; transactions of STORE_DIRECTORY.
 */
#ifndef STORE_LOGIN_MODE_H
#define STORE_LOGIN_MODE_H

#include <store/service.h>
#include <store/store.h>

enum login_mode { LOGIN_ON, LOGIN_APP, LOGIN_OFF, LOGIN_MODE_MAX_ };

enum { LOGIN_MODE_EVERYONE = 0 }; /* in the place of an account */

const char *login_mode_text(enum login_mode mode); /* "on", "app", "off" */
enum err login_mode_parse(struct str text, enum login_mode *ret) MUST_CHECK;

enum err login_mode_of(struct store_tx *tx, int64_t account, enum service service, enum login_mode *ret) MUST_CHECK;
/* What is set for that account alone, or for everyone; ERR_NOT_FOUND: nothing. */
enum err login_mode_get(struct store_tx *tx, int64_t account, enum service service, enum login_mode *ret) MUST_CHECK;
enum err login_mode_set(struct store_tx *tx, int64_t account, enum service service, enum login_mode mode) MUST_CHECK;
enum err login_mode_unset(struct store_tx *tx, int64_t account, enum service service) MUST_CHECK;
/* With the account. */
enum err login_mode_drop_all(struct store_tx *tx, int64_t account) MUST_CHECK;

#endif
