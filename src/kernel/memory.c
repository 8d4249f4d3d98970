#include "kernel/memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "kernel/call.h"

/* 32-bit machines count the offset, 0 here, in pages. */
#ifdef SYS_mmap2
enum { NR_MAP = SYS_mmap2 };
#else
enum { NR_MAP = SYS_mmap };
#endif

void *memory_map(size_t len, bool is_shared)
{
	long at = kernel_call(
		NR_MAP, 0L, len, PROT_READ | PROT_WRITE,
		MAP_ANONYMOUS | (is_shared ? MAP_SHARED : MAP_PRIVATE), -1, 0L);

	return at == -1 ? NULL : (void *)at;
}

void memory_unmap(const void *at, size_t len)
{
	kernel_call(SYS_munmap, at, len);
}
