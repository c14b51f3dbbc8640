#include <base/fault.h>

#ifdef ROOST_FAULTS
#include <base/str.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { ERRNO_MAX = 200 };

/* The one point that the environment names; read once. */
static struct {
	struct str name; /* empty: none */
	uint64_t at;     /* the passing that counts, from 1 */
	int error;       /* 0: SIGKILL */
	_Atomic uint64_t passed;
} plan;

static int errno_named(struct str name)
{
	for (int i = 1; i < ERRNO_MAX; i++)
		if (str_eq(name, str_of(strerrorname_np(i))))
			return i;
	return 0;
}

static void read_plan(void)
{
	const char *text = getenv("ROOST_FAULT");
	struct str rest = str_of(text), at, error;

	if (!text)
		return;
	plan.at = 1;
	bool ok = str_cut(&rest, ':', &plan.name);
	if (str_cut(&rest, ':', &at))
		ok = ok && !str_to_u64(at, UINT64_MAX, &plan.at) && plan.at > 0;
	if (str_cut(&rest, ':', &error)) {
		plan.error = errno_named(error);
		ok = ok && plan.error;
	}
	if (ok && !rest.p)
		return;
	fprintf(stderr, "ROOST_FAULT=%s: not NAME[:PASSING[:ERRNO]]\n", text);
	exit(2);
}

bool fault_point(const char *name)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_plan);
	if (!str_eq(str_of(name), plan.name) || atomic_fetch_add(&plan.passed, 1) + 1 != plan.at)
		return false;
	if (!plan.error)
		raise(SIGKILL);
	errno = plan.error;
	return true;
}
#endif
