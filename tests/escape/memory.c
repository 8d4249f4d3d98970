/*
 * Memory that is written and then executed: made code returns 42. And memory
 * that belongs to nobody: the first page, other page tables, the kernel's.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

enum { PAGE = 4096, MADE = 42, RW = PROT_READ | PROT_WRITE };

#if defined(__x86_64__)
static const unsigned char code[] = { 0xb8, MADE, 0, 0, 0, 0xc3 };
#elif defined(__aarch64__)
static const unsigned char code[] = { 0x40, 0x05, 0x80, 0x52,
				      0xc0, 0x03, 0x5f, 0xd6 };
#elif defined(__arm__)
static const unsigned char code[] = { MADE, 0,	  0xa0, 0xe3,
				      0x1e, 0xff, 0x2f, 0xe1 };
#elif defined(__riscv)
static const unsigned char code[] = {
	0x13, 0x05, 0xa0, 0x02, 0x67, 0x80, 0, 0
};
#endif

#ifndef SYS_mmap
#define SYS_mmap SYS_mmap2
#endif

static void *get(void *page, const char *what)
{
	need(page == MAP_FAILED ? -1 : 0, what);
	return page;
}

static void *anonymous(int prot)
{
	return mmap(NULL, PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long call(void *page)
{
	int (*made)(void);

	if (page == MAP_FAILED)
		return -1;
	__builtin___clear_cache((char *)page, (char *)page + sizeof(code));
	memcpy(&made, &page, sizeof(made));
	return made() == MADE ? 0 : -1;
}

static long map_rwx(const struct attempt *a)
{
	void *page = (void *)syscall(SYS_mmap, NULL, PAGE,
				     RW | PROT_EXEC | a->args[0],
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0L);

	if (page != MAP_FAILED)
		memcpy(page, code, sizeof(code));
	return call(page);
}

/* nr is mprotect, or a cousin that takes a key after the same arguments. */
static long write_then_execute(const struct attempt *a)
{
	void *page = get(anonymous(RW), "mmap");

	memcpy(page, code, sizeof(code));
	if (syscall(a->nr, page, PAGE, PROT_READ | PROT_EXEC, -1L) < 0)
		return -1;
	return call(page);
}

__attribute__((noinline, section(".text.aim"), aligned(16))) static int aim(
	void)
{
	__asm__ volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop");
	return 1;
}

static void *aim_page(void)
{
	return (void *)(AT(aim) & ~(PAGE - 1L));
}

static long text_writable(const struct attempt *a)
{
	void *at;
	int (*const function)(void) = aim;

	(void)a;
	memcpy(&at, &function, sizeof(at));
	/* Two pages: the function may reach into the next. */
	if (mprotect(aim_page(), 2 * PAGE, RW | PROT_EXEC) < 0)
		return -1;
	memcpy(at, code, sizeof(code));
	return call(at);
}

/* /proc/self/mem writes where the pages say read-only. */
static long text_by_proc(const struct attempt *a)
{
	int fd = open("/proc/self/mem", O_RDWR);

	(void)a;
	if (fd < 0 || pwrite(fd, code, sizeof(code), AT(aim)) < 0)
		return -1;
	return call((void *)AT(aim));
}

static long stack_executable(const struct attempt *a)
{
	unsigned char here[2 * PAGE];
	unsigned char *page = (unsigned char *)((AT(here) + PAGE) &
						~(PAGE - 1L));

	(void)a;
	memcpy(page, code, sizeof(code));
	if (mprotect(page, PAGE, RW | PROT_EXEC) < 0)
		return -1;
	return call(page);
}

static long file_map(int fd)
{
	need(write(fd, code, sizeof(code)), "write code");
	return call(
		mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
}

static long map_memfd(const struct attempt *a)
{
	return file_map((int)need(syscall(SYS_memfd_create, a->name, 0),
				  "memfd_create"));
}

static long map_file(const struct attempt *a)
{
	int fd = (int)need(open(a->path, O_RDWR | O_CREAT | O_TRUNC, 0755),
			   "create a file");

	unlink(a->path);
	return file_map(fd);
}

/* The file is written when it is mapped already. */
static long map_then_write(const struct attempt *a)
{
	int fd = scratch_file();

	(void)a;
	need(ftruncate(fd, PAGE), "ftruncate");
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);

	if (page == MAP_FAILED || pwrite(fd, code, sizeof(code), 0) < 0)
		return -1;
	return call(page);
}

/* Never writable, but for /proc/self/mem. */
static long map_then_proc(const struct attempt *a)
{
	void *page = anonymous(PROT_READ | PROT_EXEC);
	int fd = open("/proc/self/mem", O_RDWR);

	(void)a;
	if (page == MAP_FAILED || fd < 0 ||
	    pwrite(fd, code, sizeof(code), AT(page)) < 0)
		return -1;
	return call(page);
}

/* One memory, twice: written here, executed there. */
static long map_twice(const struct attempt *a)
{
	void *first = get(mmap(NULL, PAGE, RW | PROT_EXEC,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0),
			  "mmap shared");
	void *second = get(mremap(first, 0, PAGE, MREMAP_MAYMOVE), "mremap");

	(void)a;
	memcpy(first, code, sizeof(code));
	return call(second);
}

static long map_sysv(const struct attempt *a)
{
	int id = (int)need(shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0700),
			   "shmget");
	void *page = (void *)syscall(SYS_shmat, id, NULL,
				     SHM_EXEC | a->args[0]);
	int error = errno;

	shmctl(id, IPC_RMID, NULL);
	errno = error;
	if (page != (void *)-1)
		memcpy(page, code, sizeof(code));
	return call(page);
}

/* After this, what is readable is executable. */
static long read_implies_exec(const struct attempt *a)
{
	(void)a;
	need(personality(READ_IMPLIES_EXEC), "personality");
	void *page = get(anonymous(RW), "mmap");

	memcpy(page, code, sizeof(code));
	return call(page);
}

/* Over its own text, as a debugger of itself. */
static long text_by_vm_write(const struct attempt *a)
{
	static long aim_data = 1;
	struct iovec local = { (void *)AT(code), sizeof(code) };
	struct iovec remote = { &aim_data, sizeof(aim_data) };

	(void)a;
	return process_vm_writev(getpid(), &local, 1, &remote, 1, 0);
}

static long remap_pages(const struct attempt *a)
{
	void *page = get(
		mmap(NULL, 2 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
		"mmap shared");

	(void)a;
	return syscall(SYS_remap_file_pages, page, PAGE, 0, 1, 0);
}

static long map_null(const struct attempt *a)
{
	void *page = mmap(NULL, PAGE, RW,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	(void)a;
	return page == MAP_FAILED ? -1 : 0;
}

static long gift_pages(const struct attempt *a)
{
	int pipes[2];
	struct iovec page = { get(anonymous(RW), "mmap"), PAGE };

	(void)a;
	need(pipe(pipes), "pipe");
	return vmsplice(pipes[1], &page, 1, SPLICE_F_GIFT);
}

static const struct attempt attempts[] = {
	{ .name = "mmap-rwx", .run = map_rwx },
	{ .name = "mprotect-w-to-x",
	  .run = write_then_execute,
	  .nr = SYS_mprotect },
	{ .name = "pkey-mprotect-w-to-x",
	  .run = write_then_execute,
	  .nr = SYS_pkey_mprotect },
	{ .name = "text-made-writable", .run = text_writable },
	{ .name = "text-by-proc-self-mem", .run = text_by_proc },
	{ .name = "self-process-vm-writev", .run = text_by_vm_write },
	{ .name = "stack-executable", .run = stack_executable },
	{ .name = "memfd-map-exec", .run = map_memfd },
	{ .name = "tmp-map-exec", .run = map_file, .path = "/tmp/escape-code" },
	{ .name = "shm-map-exec",
	  .run = map_file,
	  .path = "/dev/shm/escape-code" },
	{ .name = "sysv-shm-exec", .run = map_sysv },
	{ .name = "tmp-map-then-write", .run = map_then_write },
	{ .name = "map-then-proc-self-mem", .run = map_then_proc },
#ifdef __LP64__
	{ .name = "mmap-rwx-bit-32", .run = map_rwx, .args = { 1L << 32 } },
	{ .name = "sysv-shm-exec-bit-32",
	  .run = map_sysv,
	  .args = { 1L << 32 } },
#endif
	{ .name = "mremap-alias-rwx", .run = map_twice },
	{ .name = "read-implies-exec", .run = read_implies_exec },
	{ .name = "remap-file-pages", .run = remap_pages },
	{ .name = "mmap-null-page", .run = map_null },
	{ .name = "vmsplice-gift", .run = gift_pages },
	{ .name = "pkey-alloc", .nr = SYS_pkey_alloc, .args = { 0, 0 } },
	{ .name = "memfd-secret", .nr = 447 },
};

const struct theme memory_theme = THEME("memory", attempts);
