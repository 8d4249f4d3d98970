#include "data/harden.h"

#include <linux/sched.h>
#include <linux/seccomp.h>

#include "arch/arch.h"
#include "arch/constant.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/action.h"

enum key {
	KEY_LOCK_PERSONALITY,
	KEY_WRITE_EXECUTE,
	KEY_FAMILIES,
	KEY_NAMESPACES,
	KEY_REALTIME,
	KEY_SUID_SGID,
	KEY_ARCHITECTURES,
	KEY_ERROR_NUMBER,
	KEYS,
};

static const char *const keys[KEYS] = {
	[KEY_LOCK_PERSONALITY] = "LockPersonality",
	[KEY_WRITE_EXECUTE] = "MemoryDenyWriteExecute",
	[KEY_FAMILIES] = "RestrictAddressFamilies",
	[KEY_NAMESPACES] = "RestrictNamespaces",
	[KEY_REALTIME] = "RestrictRealtime",
	[KEY_SUID_SGID] = "RestrictSUIDSGID",
	[KEY_ARCHITECTURES] = "SystemCallArchitectures",
	[KEY_ERROR_NUMBER] = "SystemCallErrorNumber",
};

static const struct {
	const char *name;
	uint32_t flag;
} namespaces[] = {
	{ "cgroup", CLONE_NEWCGROUP }, { "ipc", CLONE_NEWIPC },
	{ "mnt", CLONE_NEWNS },	       { "net", CLONE_NEWNET },
	{ "pid", CLONE_NEWPID },       { "time", CLONE_NEWTIME },
	{ "user", CLONE_NEWUSER },     { "uts", CLONE_NEWUTS },
};

enum {
	NAMESPACES = sizeof(namespaces) / sizeof(namespaces[0]),
	ALL_NAMESPACES = CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS |
			 CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWTIME |
			 CLONE_NEWUSER | CLONE_NEWUTS,
};

const char *harden_key(size_t i)
{
	return i < KEYS ? keys[i] : NULL;
}

int harden_find(struct slice key)
{
	for (int i = 0; i < KEYS; i++)
		if (slice_eq(key, keys[i]))
			return i;
	return -1;
}

bool harden_is_list(size_t key)
{
	return key == KEY_FAMILIES || key == KEY_ARCHITECTURES;
}

static int set_bool(bool *out, struct slice value, struct err *err)
{
	if (num_bool(out, value))
		return 0;
	return err_set(err, 0, "'%.*s' is not yes or no", SLICE_ARGS(value));
}

static int add_family(struct harden *harden, struct slice word, struct err *err)
{
	uint64_t value;
	const char *near = constant_nearest(FAMILY_AF, word);

	if (constant_find(&value, &arch_x86_64, FAMILY_AF, word)) {
		if (harden->family_count == HARDEN_FAMILIES_MAX)
			return err_set(err, 0, "more than %d families",
				       HARDEN_FAMILIES_MAX);
		harden->families[harden->family_count++] = constant_name(
			&arch_x86_64, FAMILY_AF, value);
		return 0;
	}
	if (near)
		return err_set(err, 0,
			       "'%.*s': no address family; did you "
			       "mean %s?",
			       SLICE_ARGS(word), near);
	return err_set(err, 0, "'%.*s': no address family", SLICE_ARGS(word));
}

/* Take a ~ off the front, which turns the list around. */
static bool take_tilde(struct slice *value)
{
	if (!slice_has_prefix(*value, "~"))
		return false;
	value->at++;
	value->len--;
	return true;
}

static int set_families(struct harden *harden, struct slice value,
			struct err *err)
{
	struct slice word;

	if (!value.len) { /* as in systemd: start over */
		harden->has_families = false;
		harden->family_count = 0;
		return 0;
	}
	bool is_denied = take_tilde(&value);

	if (harden->family_count && is_denied != harden->families_are_denied)
		return err_set(err, 0, "one list allows and another denies");
	harden->families_are_denied = is_denied;
	harden->has_families = true;
	if (!is_denied && slice_eq(value, "none")) {
		harden->family_count = 0;
		return 0;
	}
	while (slice_word(&word, &value))
		if (add_family(harden, word, err) < 0)
			return -1;
	if (!harden->family_count)
		return err_set(err, 0, "'~' and no family");
	return 0;
}

static int add_namespace(uint32_t *flags, struct slice word, struct err *err)
{
	for (size_t i = 0; i < NAMESPACES; i++) {
		if (slice_eq(word, namespaces[i].name)) {
			*flags |= namespaces[i].flag;
			return 0;
		}
	}
	return err_set(err, 0, "'%.*s': neither yes, no nor a namespace",
		       SLICE_ARGS(word));
}

static int set_namespaces(struct harden *harden, struct slice value,
			  struct err *err)
{
	bool is_denied = take_tilde(&value);
	bool restrict_all;
	uint32_t flags = 0;
	struct slice word;

	harden->has_namespaces = true;
	if (!is_denied && num_bool(&restrict_all, value)) {
		harden->namespaces = restrict_all ? ALL_NAMESPACES : 0;
		return 0;
	}
	while (slice_word(&word, &value))
		if (add_namespace(&flags, word, err) < 0)
			return -1;
	if (!flags)
		return err_set(err, 0, "which namespaces?");
	harden->namespaces = is_denied ? flags : ALL_NAMESPACES & ~flags;
	return 0;
}

/* systemd's names of pith's architectures. */
static bool is_own(const struct arch *arch, struct slice word)
{
	static const struct {
		const struct arch *arch;
		const char *name;
	} names[] = {
		{ &arch_x86_64, "x86-64" },
		{ &arch_aarch64, "arm64" },
		{ &arch_armhf, "arm" },
		{ &arch_riscv64, "riscv64" },
	};

	if (slice_eq(word, "native"))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].arch == arch && slice_eq(word, names[i].name))
			return true;
	return false;
}

static int check_architectures(const struct arch *arch, struct slice value,
			       struct err *err)
{
	struct slice word;

	while (slice_word(&word, &value))
		if (!is_own(arch, word))
			return err_set(err, 0,
				       "'%.*s': calls by other numbers than "
				       "those of %s are always refused",
				       SLICE_ARGS(word), arch->name);
	return 0;
}

static int set_error_number(struct harden *harden, struct slice value,
			    struct err *err)
{
	uint32_t action;

	if (!action_parse(&action, value) || action == SECCOMP_RET_ALLOW ||
	    action == SECCOMP_RET_LOG)
		return err_set(err, 0, "'%.*s': neither an error nor kill",
			       SLICE_ARGS(value));
	harden->has_otherwise = true;
	harden->otherwise = action;
	return 0;
}

int harden_set(struct harden *harden, size_t key, const struct arch *arch,
	       struct slice value, struct err *err)
{
	switch ((enum key)key) {
	case KEY_LOCK_PERSONALITY:
		return set_bool(&harden->lock_personality, value, err);
	case KEY_WRITE_EXECUTE:
		return set_bool(&harden->deny_write_execute, value, err);
	case KEY_FAMILIES:
		return set_families(harden, value, err);
	case KEY_NAMESPACES:
		return set_namespaces(harden, value, err);
	case KEY_REALTIME:
		return set_bool(&harden->restrict_realtime, value, err);
	case KEY_SUID_SGID:
		return set_bool(&harden->restrict_suid_sgid, value, err);
	case KEY_ARCHITECTURES:
		return check_architectures(arch, value, err);
	case KEY_ERROR_NUMBER:
		return set_error_number(harden, value, err);
	case KEYS:
		break;
	}
	return 0;
}

/* socketpair(2) is not meant: it connects a program with itself. */
static void print_families(struct buf *out, const struct harden *harden)
{
	if (!harden->family_count) {
		buf_text(out, "socket: EAFNOSUPPORT\n");
		return;
	}
	buf_fmt(out, "socket: domain %s",
		harden->families_are_denied ? "in" : "not in");
	for (size_t i = 0; i < harden->family_count; i++)
		buf_fmt(out, " %s", harden->families[i]);
	buf_text(out, " -> EAFNOSUPPORT\n");
}

/*
 * Without RestrictNamespaces= no namespace is made by clone(2); a policy that
 * names unshare or setns means it. CLONE_NEWTIME lies within the exit signal
 * of clone(2)'s flags, where that call cannot mean it. setns(2) with 0 enters
 * whatever the descriptor is of.
 */
static void print_namespaces(struct buf *out, const struct harden *harden)
{
	uint32_t flags = harden->has_namespaces ? harden->namespaces
						: ALL_NAMESPACES;

	if (flags & ~CLONE_NEWTIME)
		buf_fmt(out, "clone: flags & 0x%x != 0 -> EPERM\n",
			flags & ~CLONE_NEWTIME);
	if (!harden->has_namespaces || !flags)
		return;
	buf_fmt(out,
		"unshare: flags & 0x%x != 0 -> EPERM\n"
		"setns: nstype & 0x%x != 0 -> EPERM\n"
		"setns: nstype == 0 -> EPERM\n",
		flags, flags);
}

/* Memory that was written becomes code, or is both at once. */
static const char write_execute[] =
	"mmap: prot & PROT_WRITE|PROT_EXEC == PROT_WRITE|PROT_EXEC -> EPERM\n"
	"mmap2: prot & PROT_WRITE|PROT_EXEC == PROT_WRITE|PROT_EXEC -> EPERM\n"
	"mprotect: prot & PROT_EXEC != 0 -> EPERM\n"
	"pkey_mprotect: prot & PROT_EXEC != 0 -> EPERM\n"
	"shmat: shmflg & SHM_EXEC != 0 -> EPERM\n";

/* 0xffffffff asks which one it is. */
static const char personality[] =
	"personality: persona not in PER_LINUX 0xffffffff -> EPERM\n";

/* All bits but SCHED_RESET_ON_FORK; the other call's policy is in memory. */
static const char realtime[] =
	"sched_setscheduler: policy & 0xbfffffff not in SCHED_NORMAL "
	"SCHED_BATCH SCHED_IDLE -> EPERM\n"
	"sched_setattr: EPERM\n";

/*
 * open(2) looks at the mode if it makes a file, O_CREAT or O_TMPFILE (whose
 * own bit is 0x400000). What openat2(2) makes is told in memory: libc and
 * others fall back to openat where there is no such call.
 */
static const char suid_sgid[] =
	"chmod: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"fchmod: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"fchmodat: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"fchmodat2: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"mkdir: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"mkdirat: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"mknod: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"mknodat: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"creat: mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"open: flags & 0x400040 != 0 and mode & S_ISUID|S_ISGID != 0 -> EPERM\n"
	"openat: flags & 0x400040 != 0 and mode & S_ISUID|S_ISGID != 0 "
	"-> EPERM\n"
	"openat2: ENOSYS\n";

/*
 * What reaches TCP's servers without being TCP to Landlock, whose hooks look
 * at the socket's own protocol: IPPROTO_MPTCP, and IPPROTO_SMC and AF_SMC,
 * which go by TCP where the peer knows no better.
 */
static const char other_tcp[] =
	"socket: protocol in 256 262 -> EPROTONOSUPPORT\n"
	"socket: domain == AF_SMC -> EAFNOSUPPORT\n";

void harden_print(struct buf *out, const struct harden *harden)
{
	print_namespaces(out, harden);
	if (harden->has_families)
		print_families(out, harden);
	if (harden->deny_write_execute)
		buf_text(out, write_execute);
	if (harden->lock_personality)
		buf_text(out, personality);
	if (harden->restrict_realtime)
		buf_text(out, realtime);
	if (harden->restrict_suid_sgid)
		buf_text(out, suid_sgid);
	if (harden->is_tcp_confined)
		buf_text(out, other_tcp);
}
