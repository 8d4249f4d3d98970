/*
 * rules OUT LEVEL <NAMES: what libseccomp makes of an allow-list: EPERM for
 * other calls, personality(2) allowed for 0xffffffff alone. LEVEL is its
 * optimization: 1 a list, 2 a tree. OUT gets bare instructions.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int add(scmp_filter_ctx context, const char *name)
{
	int nr = seccomp_syscall_resolve_name(name);

	if (strcmp(name, "personality") == 0)
		return seccomp_rule_add(
			context, SCMP_ACT_ALLOW, nr, 1,
			SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, 0xffffffff));
	return seccomp_rule_add(context, SCMP_ACT_ALLOW, nr, 0);
}

int main(int argc, char **argv)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	char name[64];

	if (argc != 3 || !context)
		return 2;
	int fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	while (scanf("%63s", name) == 1) {
		if (add(context, name) != 0) {
			fprintf(stderr, "rules: %s\n", name);
			return 1;
		}
	}
	return fd < 0 ||
	       seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE,
				(uint32_t)atoi(argv[2])) != 0 ||
	       seccomp_export_bpf(context, fd) != 0 || close(fd) != 0;
}
