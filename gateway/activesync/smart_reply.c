/* SmartReply (MS-ASCMD 2.2.1.20). */
#include <gateway/activesync/compose.h>

void eas_smart_reply(struct eas_request *rq)
{
	eas_compose(rq, COMPOSE_REPLY);
}
