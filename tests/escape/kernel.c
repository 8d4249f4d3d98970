/* Interfaces of the kernel that an ordinary service never calls. */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include "escape.h"
#include "tools.h"

enum {
	BAD_MAGIC = 1,
	KERNEL_ADDRESS_HIGH = -0x10000,
	READ_ALL = 3,  /* of syslog */
	ANY_CHILD = 0, /* P_ALL */
	EXITED = 4,
	NODES = 64,
	NR_LANDLOCK_CREATE = 444,
	NR_LSM_LIST = 461,
	NR_PROCESS_MRELEASE = 448,
};

static unsigned char ring[120];

static long make_map(const struct attempt *a)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 8,
		.max_entries = 1,
	};

	(void)a;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

static long load_program(const struct attempt *a)
{
	/* r0 = 0; exit */
	struct bpf_insn insns[] = { { 0xb7, 0, 0, 0, 0 },
				    { 0x95, 0, 0, 0, 0 } };
	union bpf_attr attr = {
		.prog_type = (unsigned int)a->args[0],
		.insns = (unsigned long)AT(insns),
		.insn_cnt = 2,
		.license = (unsigned long)AT("MIT"),
	};

	return syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
}

static long count_events(const struct attempt *a)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.exclude_kernel = 1,
	};

	(void)a;
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* To the time that it is. */
static long set_clock(const struct attempt *a)
{
	struct timespec now;

	(void)a;
	need(clock_gettime(CLOCK_REALTIME, &now), "clock_gettime");
	return clock_settime(CLOCK_REALTIME, &now);
}

/* The tick as it is. */
static long set_tick(const struct attempt *a)
{
	struct timex tick = { 0 };

	need(a->nr == SYS_adjtimex ? syscall(a->nr, &tick)
				   : syscall(a->nr, CLOCK_REALTIME, &tick),
	     "read the tick");
	tick.modes = ADJ_TICK;
	return a->nr == SYS_adjtimex ? syscall(a->nr, &tick)
				     : syscall(a->nr, CLOCK_REALTIME, &tick);
}

static long load_module(const struct attempt *a)
{
	return syscall(a->nr, program_fd(), AT(""), 0);
}

/* A file that holds no swap space: seen after privileges. */
static long swap(const struct attempt *a)
{
	return syscall(a->nr, program_copy(), 0);
}

#if defined(SYS_modify_ldt)
static long set_ldt(const struct attempt *a)
{
	/* struct user_desc: entry 0, a small 32-bit data segment. */
	unsigned int desc[4] = { 0, 0, 1, 0x51 };

	(void)a;
	return syscall(SYS_modify_ldt, 1, desc, sizeof(desc));
}
#endif

static const char long_name[] = "escape";
static const struct {
	int west, dst;
} utc;
static unsigned long nodes[NODES / 64];

#define BPF_SOCKET  BPF_PROG_TYPE_SOCKET_FILTER
#define BPF_TRACING BPF_PROG_TYPE_TRACEPOINT

static const struct attempt attempts[] = {
	{ .name = "bpf-map", .run = make_map },
	{ .name = "bpf-socket-filter",
	  .run = load_program,
	  .args = { BPF_SOCKET } },
	{ .name = "bpf-tracepoint",
	  .run = load_program,
	  .args = { BPF_TRACING } },
	{ .name = "perf-event-open", .run = count_events },
	{ .name = "io-uring-setup",
	  .nr = SYS_io_uring_setup,
	  .args = { 1, AT(ring) } },
	{ .name = "userfaultfd-user",
	  .nr = SYS_userfaultfd,
	  .args = { UFFD_USER_MODE_ONLY } },
	{ .name = "userfaultfd-kernel", .nr = SYS_userfaultfd, .args = { 0 } },
	{ .name = "add-key",
	  .nr = SYS_add_key,
	  .args = { AT("user"), AT("escape"), AT("x"), 1,
		    KEY_SPEC_PROCESS_KEYRING } },
	{ .name = "request-key",
	  .nr = SYS_request_key,
	  .args = { AT("user"), AT("no such"), 0, 0 },
	  .past = ENOKEY },
	{ .name = "keyctl-join",
	  .nr = SYS_keyctl,
	  .args = { KEYCTL_JOIN_SESSION_KEYRING, 0 } },
	{ .name = "keyctl-persistent",
	  .nr = SYS_keyctl,
	  .args = { KEYCTL_GET_PERSISTENT, -1, KEY_SPEC_PROCESS_KEYRING } },
	{ .name = "kexec-load",
	  .nr = SYS_kexec_load,
	  .args = { 0, 0, 0, 1L << 30 },
	  .past = EINVAL },
	{ .name = "kexec-file-load",
	  .nr = SYS_kexec_file_load,
	  .args = { -1, -1, 0, 0, 1L << 30 },
	  .past = EINVAL },
	{ .name = "init-module",
	  .nr = SYS_init_module,
	  .args = { AT(long_name), sizeof(long_name), AT("") },
	  .past = ENOEXEC },
	{ .name = "finit-module",
	  .run = load_module,
	  .nr = SYS_finit_module,
	  .past = ENOEXEC },
	{ .name = "delete-module",
	  .nr = SYS_delete_module,
	  .args = { AT("no_such_module"), O_NONBLOCK },
	  .past = ENOENT },
	{ .name = "swapon", .run = swap, .nr = SYS_swapon, .past = EINVAL },
	{ .name = "swapoff", .run = swap, .nr = SYS_swapoff, .past = EINVAL },
	{ .name = "reboot",
	  .nr = SYS_reboot,
	  .args = { BAD_MAGIC },
	  .past = EINVAL },
	{ .name = "clock-settime", .run = set_clock },
/* Of 32 bits where there are two; only the zone is looked at. */
#ifndef SYS_settimeofday
#define SYS_settimeofday SYS_settimeofday_time32
#endif
	{ .name = "settimeofday",
	  .nr = SYS_settimeofday,
	  .args = { 0, AT(&utc) } },
	{ .name = "adjtimex", .run = set_tick, .nr = SYS_adjtimex },
	{ .name = "clock-adjtime", .run = set_tick, .nr = SYS_clock_adjtime },
	{ .name = "quotactl",
	  .nr = SYS_quotactl,
	  .args = { QCMD(Q_GETFMT, USRQUOTA), AT("/dev/null"), 0, 0 },
	  .past = ENOTBLK },
	{ .name = "personality",
	  .nr = SYS_personality,
	  .args = { ADDR_NO_RANDOMIZE } },
	{ .name = "acct",
	  .nr = SYS_acct,
	  .args = { AT("/no/such/file") },
	  .past = ENOENT },
	{ .name = "syslog",
	  .nr = SYS_syslog,
	  .args = { READ_ALL, AT(ring), 120 } },
	{ .name = "sethostname",
	  .nr = SYS_sethostname,
	  .args = { AT(long_name), sizeof(long_name) - 1 } },
	{ .name = "setdomainname",
	  .nr = SYS_setdomainname,
	  .args = { AT(long_name), sizeof(long_name) - 1 } },
	{ .name = "fanotify-content",
	  .nr = SYS_fanotify_init,
	  .args = { FAN_CLASS_CONTENT, O_RDONLY } },
	{ .name = "fanotify-fid",
	  .nr = SYS_fanotify_init,
	  .args = { FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY } },
	{ .name = "mbind", .nr = SYS_mbind, .args = { 0, 0, 0, 0, 0, 0 } },
	{ .name = "set-mempolicy",
	  .nr = SYS_set_mempolicy,
	  .args = { 0, 0, 0 } },
	{ .name = "get-mempolicy",
	  .nr = SYS_get_mempolicy,
	  .args = { AT(nodes), 0, 0, 0, 0 } },
	{ .name = "migrate-pages",
	  .nr = SYS_migrate_pages,
	  .args = { 0, NODES, AT(nodes), AT(nodes) },
	  .past = EINVAL },
	{ .name = "move-pages",
	  .nr = SYS_move_pages,
	  .args = { 0, 0, 0, 0, 0, 0 } },
	{ .name = "waitid-kernel-pointer",
	  .nr = SYS_waitid,
	  .args = { ANY_CHILD, 0, KERNEL_ADDRESS_HIGH, EXITED, 0 },
	  .past = EFAULT },
	{ .name = "landlock-create",
	  .nr = NR_LANDLOCK_CREATE,
	  .args = { 0, 0, 1 } },
	{ .name = "lsm-list-modules",
	  .nr = NR_LSM_LIST,
	  .args = { AT(ring), AT(nodes), 0 },
	  .past = E2BIG },
	{ .name = "process-mrelease",
	  .nr = NR_PROCESS_MRELEASE,
	  .args = { -1, 0 },
	  .past = EBADF },
	{ .name = "mq-open",
	  .nr = SYS_mq_open,
	  .args = { AT("no-such-queue"), O_RDONLY, 0, 0 },
	  .past = ENOENT },
	{ .name = "msgget",
	  .nr = SYS_msgget,
	  .args = { 0x7069, 0 },
	  .past = ENOENT },
	{ .name = "semget",
	  .nr = SYS_semget,
	  .args = { 0x7069, 1, 0 },
	  .past = ENOENT },
	{ .name = "pidfd-open", .nr = SYS_pidfd_open, .args = { 1, 0 } },
	{ .name = "tee",
	  .nr = SYS_tee,
	  .args = { -1, -1, 1, 0 },
	  .past = EBADF },
#if defined(__x86_64__)
	{ .name = "iopl", .nr = SYS_iopl, .args = { 3 } },
	{ .name = "ioperm", .nr = SYS_ioperm, .args = { 0x80, 1, 1 } },
	{ .name = "modify-ldt", .run = set_ldt },
	{ .name = "lookup-dcookie",
	  .nr = SYS_lookup_dcookie,
	  .args = { 0, AT(ring), 120 },
	  .past = EINVAL },
	{ .name = "uselib",
	  .nr = SYS_uselib,
	  .args = { AT("/no/such/file") },
	  .past = ENOENT },
	{ .name = "ustat",
	  .nr = SYS_ustat,
	  .args = { 0, AT(ring) },
	  .past = EINVAL },
	{ .name = "sysfs", .nr = SYS_sysfs, .args = { 3 } },
	{ .name = "sysctl-call", .nr = SYS__sysctl, .args = { AT(ring) } },
#endif
};

const struct theme kernel_theme = THEME("kernel", attempts);
