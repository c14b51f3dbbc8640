/* Soundness of databases. */
#include <store/check.h>

#include <store/sql/sql.h>

enum err store_check(struct store *s, int64_t mailbox, bool *ret_sound)
{
	CLEANUP(store_tx_end) struct store_tx *tx = NULL;

	TRY(store_begin(s, mailbox, STORE_READ, &tx));
	return sql_check(store_tx_db(tx), ret_sound);
}
