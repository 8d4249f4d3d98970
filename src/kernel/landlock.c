#include "kernel/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "kernel/call.h"

/* Of linux/landlock.h, which may be older than the kernel. */
enum {
	CREATE_RULESET_VERSION = 1,
	RULE_PATH_BENEATH = 1,
	RULE_NET_PORT = 2,
	RESTRICT_SELF_LOG_NEW_EXEC_ON = 2,
	/* EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE and IOCTL_DEV. */
	RIGHTS_OF_FILES = 0xc007,
};

struct path_beneath {
	uint64_t fs;
	int32_t fd;
} __attribute__((packed));

struct net_port {
	uint64_t net;
	uint64_t port;
};

int landlock_abi(void)
{
	return (int)kernel_call(SYS_landlock_create_ruleset, NULL, 0L,
				CREATE_RULESET_VERSION);
}

/* An older kernel takes a longer struct whose new fields are 0. */
int landlock_create(const struct landlock_rights *handled)
{
	return (int)kernel_call(SYS_landlock_create_ruleset, handled,
				sizeof(*handled), 0L);
}

static int add_rule(int ruleset, int type, const void *rule)
{
	return (int)kernel_call(SYS_landlock_add_rule, ruleset, type, rule, 0L);
}

int landlock_allow_path(int ruleset, const char *path, uint64_t fs)
{
	struct path_beneath rule = { .fs = fs };

	rule.fd = (int)kernel_call(SYS_openat, AT_FDCWD, path,
				   O_PATH | O_CLOEXEC);
	if (rule.fd < 0)
		return -1;
	int result = add_rule(ruleset, RULE_PATH_BENEATH, &rule);

	/* The kernel says so where rights are not for a file. */
	if (result < 0 && errno == EINVAL && fs & RIGHTS_OF_FILES) {
		rule.fs = fs & RIGHTS_OF_FILES;
		result = add_rule(ruleset, RULE_PATH_BENEATH, &rule);
	}
	close(rule.fd); /* which does not fail here */
	return result;
}

int landlock_allow_port(int ruleset, uint64_t port, uint64_t net)
{
	struct net_port rule = { .net = net, .port = port };

	return add_rule(ruleset, RULE_NET_PORT, &rule);
}

int landlock_restrict(int ruleset, bool logs)
{
	return (int)kernel_call(SYS_landlock_restrict_self, ruleset,
				logs ? RESTRICT_SELF_LOG_NEW_EXEC_ON : 0L);
}
