/*
 * filtered FILTER PROGRAM [ARG...]: run PROGRAM under the filter of the file
 * FILTER (docs/filter-format.md) with every privilege that there is, which
 * pith-init never does: what is refused here the filter refuses by itself.
 * This process stays outside of the filter; it exits as PROGRAM does, with 128
 * plus the signal that ended it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	FAILED = 125,
	SIGNALLED = 128,
	FILE_MAX = 65536,
	AT_COUNT = 16,
	AT_PATH_LEN = 18,
	AT_COOKIE = 20,
	HEADER_SIZE = 112,
	COOKIE_WORDS = 4,
	NO_WORD = 0xffff,
};

static int fail(const char *what)
{
	fprintf(stderr, "filtered: %s: %s\n", what, strerror(errno));
	_exit(FAILED);
}

static uint16_t half_at(const unsigned char *blob, int offset)
{
	return (uint16_t)(blob[offset] | blob[offset + 1] << 8);
}

/* Draw the cookie into the filter at blob, and put this process under it. */
static void lock(unsigned char *blob, uint32_t cookie[COOKIE_WORDS])
{
	size_t start = (HEADER_SIZE + half_at(blob, AT_PATH_LEN) + 7U) & ~7U;
	struct sock_filter *insns = (void *)(blob + start);
	struct sock_fprog program = { half_at(blob, AT_COUNT), insns };

	if (getrandom(cookie, COOKIE_WORDS * sizeof(*cookie), 0) < 0)
		fail("getrandom");
	for (int i = 0; i < COOKIE_WORDS; i++) {
		uint16_t index = half_at(blob, AT_COOKIE + 2 * i);

		if (index != NO_WORD)
			insns[index].k = cookie[i];
	}
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		fail("seccomp");
}

static int wait_for(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) < 0)
		return fail("wait");
	return WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
	static unsigned char blob[FILE_MAX] __attribute__((aligned(8)));
	uint32_t cookie[COOKIE_WORDS] = { 0 };

	if (argc < 3) {
		fprintf(stderr, "usage: filtered FILTER PROGRAM [ARG...]\n");
		return FAILED;
	}
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, blob, sizeof(blob)) <= HEADER_SIZE)
		return fail(argv[1]);
	pid_t child = fork();

	if (child)
		return child < 0 ? fail("fork") : wait_for(child);
	lock(blob, cookie);
	syscall(SYS_execve, argv[2], argv + 2, environ, 0L,
		cookie[0] | (uint64_t)cookie[1] << 32,
		cookie[2] | (uint64_t)cookie[3] << 32);
	_exit(FAILED);
}
