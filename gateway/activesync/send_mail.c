/* SendMail (MS-ASCMD 2.2.1.17). */
#include <gateway/activesync/compose.h>

void eas_send_mail(struct eas_request *rq)
{
	eas_compose(rq, COMPOSE_NEW);
}
