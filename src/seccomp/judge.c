#include "seccomp/judge.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/mman.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"

enum { API_KILL_PROCESS = 3 };

void judge_version(struct buf *out)
{
	const struct scmp_version *version = seccomp_version();

	buf_fmt(out, "%u.%u.%u", version->major, version->minor,
		version->micro);
}

uint32_t judge_arch(const struct arch *arch)
{
	if (arch == &arch_x86_64)
		return SCMP_ARCH_X86_64;
	if (arch == &arch_aarch64)
		return SCMP_ARCH_AARCH64;
	return arch == &arch_armhf ? SCMP_ARCH_ARM : SCMP_ARCH_RISCV64;
}

bool judge_knows(const struct arch *arch, const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR &&
	       seccomp_syscall_resolve_name_arch(judge_arch(arch), name) >= 0;
}

/* The machine that this runs on is in a new context, wanted or not. */
static int set_arch(scmp_filter_ctx context, uint32_t token)
{
	int got = 0;

	if (token != seccomp_arch_native()) {
		got = seccomp_arch_add(context, token);
		if (got == 0)
			got = seccomp_arch_remove(context,
						  seccomp_arch_native());
	}
	if (got == 0)
		got = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
				       SCMP_ACT_KILL_PROCESS);
	return got;
}

void *judge_context(const struct arch *arch, uint32_t otherwise,
		    struct err *err)
{
	/* What this kernel can do is no matter here. */
	seccomp_api_set(API_KILL_PROCESS);
	scmp_filter_ctx context = seccomp_init(otherwise);

	if (!context) {
		err_set(err, 0, "libseccomp: no filter");
		return NULL;
	}
	int got = set_arch(context, judge_arch(arch));

	if (got == 0)
		return context;
	err_set(err, -got, "libseccomp: %s", arch->name);
	seccomp_release(context);
	return NULL;
}

int judge_export(struct judge_program *out, void *context, struct err *err)
{
	auto_fd int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "memfd_create");
	int got = seccomp_export_bpf(context, fd);

	if (got < 0)
		return err_set(err, -got, "libseccomp: export");
	ssize_t size = io_read_at(fd, out->insns, sizeof(out->insns), 0);

	if (size <= 0 || (size_t)size % sizeof(out->insns[0]) != 0)
		return err_set(err, 0, "libseccomp: a filter of no use");
	out->count = (size_t)size / sizeof(out->insns[0]);
	return 0;
}

int judge_verdict(uint32_t *action, const struct judge_program *program,
		  const struct bpf_data *call, struct err *err)
{
	struct bpf_result got;

	if (bpf_run(&got, program->insns, program->count, call, err) < 0)
		return -1;
	*action = got.action;
	return 0;
}

void judge_tally_free(struct judge_tally *tally)
{
	buf_free(&tally->unknown);
	buf_free(&tally->beyond);
}
