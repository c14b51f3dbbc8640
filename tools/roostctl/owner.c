#include <tools/roostctl/owner.h>

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libcap would be a library for this one call. */
static enum err keep_reading(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const unsigned may = 1u << CAP_DAC_READ_SEARCH;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { .effective = may, .permitted = may } };

	return syscall(SYS_capset, &header, data) ? ERR_IO : ERR_OK;
}

enum err owner_become(const char *state_dir)
{
	struct stat st;

	if (geteuid() != 0 || stat(state_dir, &st) || st.st_uid == 0)
		return ERR_OK;
	if (prctl(PR_SET_KEEPCAPS, 1) || setgroups(0, NULL) || setgid(st.st_gid) || setuid(st.st_uid))
		return ERR_IO;
	return keep_reading();
}
