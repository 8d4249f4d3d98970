#include "seccomp/tree.h"

#include <errno.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"

enum {
	API_KILL_PROCESS = 3, /* seccomp_api_set(3): the level that has it */
	OPTIMIZE_TREE = 2,
	X32_BIT = 0x40000000,
};

static void free_context(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}

/* libseccomp answers with a negative errno value. */
static int failed(struct err *err, int result, const char *doing)
{
	return err_set(err, -result, "libseccomp: %s", doing);
}

/*
 * The host's architecture is kept whatever the filter is for: for any other,
 * libseccomp would translate each number by name, and refuses those it does
 * not know. The part that tests the architecture is cut off again.
 */
static int set_up(scmp_filter_ctx context, uint32_t otherwise, struct err *err)
{
	int r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE,
				 OPTIMIZE_TREE);

	/* One return fewer: what is cut off shares the default's. */
	if (r == 0)
		r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
				     otherwise);
	return r == 0 ? 0 : failed(err, r, "set up the filter");
}

static int add_rules(scmp_filter_ctx context, const struct tree_rule *rules,
		     size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int r = seccomp_rule_add_exact(context, rules[i].action,
					       (int)rules[i].nr, 0);

		if (r < 0)
			return err_set(err, -r, "libseccomp: rule for call %u",
				       rules[i].nr);
	}
	return 0;
}

static int export(struct filter_insn *insns, size_t *count,
		  scmp_filter_ctx context, struct err *err)
{
	size_t room = *count * sizeof(*insns);
	auto_fd int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "memfd_create");
	int r = seccomp_export_bpf(context, fd);

	if (r < 0)
		return failed(err, r, "export the filter");
	off_t size = lseek(fd, 0, SEEK_END);

	if (size < 0 || (size_t)size > room)
		return err_set(err, 0, "libseccomp: more than %zu instructions",
			       *count);
	if (io_read_at(fd, insns, (size_t)size, 0) != size)
		return err_set(err, errno, "read the exported filter");
	*count = (size_t)size / sizeof(*insns);
	return 0;
}

/*
 * Whether an instruction belongs to the start of libseccomp's programs: load
 * and compare the architecture, load the number, sort out x32's. No call
 * number is among the constants compared there.
 */
static bool is_head(const struct filter_insn *insn)
{
	switch (insn->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return insn->k == BPF_NR || insn->k == BPF_ARCH;
	case BPF_JMP | BPF_JEQ | BPF_K:
		return insn->k == seccomp_arch_native() ||
		       insn->k == UINT32_MAX;
	case BPF_JMP | BPF_JGE | BPF_K:
		return insn->k == X32_BIT;
	}
	return false;
}

/* Were the head another one day, the proof would find what is left of it. */
static void cut_head(struct filter_insn *insns, size_t *count)
{
	size_t head = 0;

	while (head < *count && is_head(&insns[head]))
		head++;
	*count -= head;
	memmove(insns, insns + head, *count * sizeof(*insns));
}

int tree_make(struct filter_insn *insns, size_t *count,
	      const struct tree_rule *rules, size_t rule_count,
	      uint32_t otherwise, struct err *err)
{
	/* Say what the library may use: it would ask the kernel it runs on. */
	if (seccomp_api_get() < API_KILL_PROCESS)
		seccomp_api_set(API_KILL_PROCESS);
	__attribute__((cleanup(free_context)))
	scmp_filter_ctx context = seccomp_init(otherwise);

	if (!context)
		return err_set(err, ENOMEM, "libseccomp");
	if (set_up(context, otherwise, err) < 0 ||
	    add_rules(context, rules, rule_count, err) < 0 ||
	    export(insns, count, context, err) < 0)
		return -1;
	cut_head(insns, count);
	return 0;
}
