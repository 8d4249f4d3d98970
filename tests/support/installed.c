/*
 * installed PID FILE: hold the filter that process PID is under against the
 * file that it was loaded from (docs/filter-format.md). They may differ in the
 * cookie, and in errors that have become questions to a listener. Prints how
 * many instructions there are, and how many of these questions.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	INSNS_MAX = 4096,
	FILE_MAX = 65536,
	AT_COUNT = 16,
	AT_PATH_LEN = 18,
	AT_COOKIE = 20,
	HEADER_SIZE = 112,
};

static struct sock_filter installed[INSNS_MAX];
static union {
	unsigned char bytes[FILE_MAX];
	uint16_t halves[FILE_MAX / 2];
} file;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "installed: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int is_cookie(int i)
{
	for (int word = 0; word < 4; word++)
		if (file.halves[AT_COOKIE / 2 + word] == i)
			return 1;
	return 0;
}

static int is_question(const struct sock_filter *was,
		       const struct sock_filter *is)
{
	return was->code == (BPF_RET | BPF_K) &&
	       (was->k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
	       is->k == (SECCOMP_RET_USER_NOTIF | (was->k & SECCOMP_RET_DATA));
}

int main(int argc, char **argv)
{
	pid_t pid = argc > 2 ? atoi(argv[1]) : 0;
	int fd = argc > 2 ? open(argv[2], O_RDONLY) : -1;
	int status, questions = 0;

	if (fd < 0 || read(fd, file.bytes, FILE_MAX) < HEADER_SIZE)
		fail("read");
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, 0, 0) < 0 ||
	    waitpid(pid, &status, 0) < 0)
		fail("attach");
	/* The last filter installed has index 0. */
	long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, installed);

	if (count < 0)
		fail("get the filter");
	if (count != file.halves[AT_COUNT / 2])
		return 1;
	const struct sock_filter *insns =
		(const void *)(file.bytes + HEADER_SIZE +
			       ((file.halves[AT_PATH_LEN / 2] + 7) & ~7));

	for (int i = 0; i < count; i++) {
		struct sock_filter was = insns[i], is = installed[i];

		if (is_question(&was, &is)) {
			questions++;
			is.k = was.k;
		} else if (is_cookie(i)) {
			is.k = was.k;
		}
		if (memcmp(&was, &is, sizeof(was)) != 0)
			return 1;
	}
	printf("%ld %d\n", count, questions);
	return 0;
}
