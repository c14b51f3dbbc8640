/* What a session says it can. */
#include <gateway/imap/session.h>

void imap_put_capabilities(const struct imap_session *se, struct buf *b)
{
	const struct imap_args *args = &se->server->args;

	buf_cstr(b, "CAPABILITY IMAP4rev1 IMAP4rev2 ENABLE ID SASL-IR");
	buf_cstr(b, args->literal_minus ? " LITERAL-" : " LITERAL+");
	if (se->state == IMAP_NOT_AUTHENTICATED) {
		if (args->tls && !stream_is_tls(se->stream))
			buf_cstr(b, " STARTTLS");
		if (login_allowed(&se->login))
			login_list(&se->login, " AUTH=", b);
		else
			buf_cstr(b, " LOGINDISABLED");
		return;
	}
	buf_cstr(b, " IDLE NAMESPACE CHILDREN UNSELECT UIDPLUS MOVE CONDSTORE QRESYNC ESEARCH SORT SORT=DISPLAY ESORT "
		    "THREAD=ORDEREDSUBJECT THREAD=REFERENCES "
		    "SEARCHRES WITHIN"
		    " LIST-EXTENDED LIST-STATUS SPECIAL-USE CREATE-SPECIAL-USE STATUS=SIZE SAVEDATE QUOTA "
		    "QUOTA=RES-STORAGE QUOTA=RES-MESSAGE MULTIAPPEND "
		    "REPLACE BINARY"
		    " UTF8=ACCEPT PARTIAL UIDONLY UIDBATCHES OBJECTID PREVIEW INPROGRESS NOTIFY");
	if (!se->deflate)
		buf_cstr(b, " COMPRESS=DEFLATE");
	buf_fmt(b, " APPENDLIMIT=%llu", (unsigned long long)args->max_message);
}
