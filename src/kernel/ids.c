#include "kernel/ids.h"

#include <unistd.h>

#include "kernel/call.h"

/* 32-bit ARM's plain numbers take 16-bit ids. */
#ifdef SYS_setresuid32
enum {
	NR_SETGROUPS = SYS_setgroups32,
	NR_SETRESGID = SYS_setresgid32,
	NR_SETRESUID = SYS_setresuid32,
};
#else
enum {
	NR_SETGROUPS = SYS_setgroups,
	NR_SETRESGID = SYS_setresgid,
	NR_SETRESUID = SYS_setresuid,
};
#endif

int ids_set_groups(const uint32_t *groups, size_t count)
{
	return (int)kernel_call(NR_SETGROUPS, count, groups);
}

int ids_set_gid(uint32_t gid)
{
	return (int)kernel_call(NR_SETRESGID, gid, gid, gid);
}

int ids_set_uid(uint32_t uid)
{
	return (int)kernel_call(NR_SETRESUID, uid, uid, uid);
}
