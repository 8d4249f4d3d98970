#include "kernel/memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 32-bit machines count the offset, 0 here, in pages. */
#ifdef SYS_mmap2
enum { NR_MAP = SYS_mmap2 };
#else
enum { NR_MAP = SYS_mmap };
#endif

void *memory_map(size_t len, bool is_shared)
{
	long at = syscall(
		NR_MAP, 0L, len, PROT_READ | PROT_WRITE,
		MAP_ANONYMOUS | (is_shared ? MAP_SHARED : MAP_PRIVATE), -1, 0L);

	return at == -1 ? NULL : (void *)at;
}

void memory_unmap(const void *at, size_t len)
{
	syscall(SYS_munmap, at, len);
}
