/* SmartForward (MS-ASCMD 2.2.1.19). */
#include <gateway/activesync/compose.h>

void eas_smart_forward(struct eas_request *rq)
{
	eas_compose(rq, COMPOSE_FORWARD);
}
