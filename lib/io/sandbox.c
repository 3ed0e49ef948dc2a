/* The order of the layers: what a later one would refuse is done before it. */
#include "io/sandbox.h"

#ifdef __linux__
#include <linux/capability.h>

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io/sandbox_in.h"

/* Root in a container may lack the right to narrow the bounding set: without rights to
 * gain, and no program to run, it says little. */
static int
drop_capabilities(struct fault *f)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (unsigned long cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; )
		cap++;	/* up to the first one that the kernel does not know */
	if (syscall(SYS_capset, &head, none) == -1 && errno != ENOSYS)
		return fault_set(f, FAULT_LOCAL, "sandbox: capabilities cannot be dropped: %s", strerror(errno));
	return 0;
}

int
sandbox_enter(const struct sandbox *want, struct fault *f)
{
	static bool entered;
	int version = want->runs || want->serves ? 0 : landlock_version();

	if (entered)
		return 0;
	entered = true;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return errno == EINVAL ? 0 :
		    fault_set(f, FAULT_LOCAL, "sandbox: no_new_privs: %s", strerror(errno));
	if ((version > 0 && landlock_enter(want, version, f) == -1) || drop_capabilities(f) == -1)
		return -1;
	return want->runs || !seccomp_there() ? 0 : seccomp_enter(want->serves, f);
}

struct sandbox_means
sandbox_means(void)
{
	return (struct sandbox_means){ prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != -1, seccomp_there(), landlock_version() };
}

#else

int
sandbox_enter(const struct sandbox *want, struct fault *f)
{
	(void)want;
	(void)f;
	return 0;
}

struct sandbox_means
sandbox_means(void)
{
	return (struct sandbox_means){ 0 };
}

#endif
