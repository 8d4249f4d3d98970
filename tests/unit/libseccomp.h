#ifndef TESTS_UNIT_LIBSECCOMP_H
#define TESTS_UNIT_LIBSECCOMP_H

/* libseccomp: the judge of tests that compare filters. Include cmocka first. */
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/bpf.h"
#include "data/filter.h"

struct program {
	struct filter_insn insns[FILTER_INSNS_MAX];
	size_t count;
};

/* libseccomp's name of an architecture. */
static inline uint32_t libseccomp_arch(const struct arch *arch)
{
	if (arch == &arch_x86_64)
		return SCMP_ARCH_X86_64;
	if (arch == &arch_aarch64)
		return SCMP_ARCH_AARCH64;
	return arch == &arch_armhf ? SCMP_ARCH_ARM : SCMP_ARCH_RISCV64;
}

/* Whether it has the call on that machine. */
static inline bool libseccomp_knows(const struct arch *arch, const char *name)
{
	return seccomp_syscall_resolve_name(name) != __NR_SCMP_ERROR &&
	       seccomp_syscall_resolve_name_arch(libseccomp_arch(arch), name) >=
		       0;
}

static inline scmp_filter_ctx libseccomp_context(const struct arch *arch,
						 uint32_t otherwise)
{
	uint32_t token = libseccomp_arch(arch);

	seccomp_api_set(3);
	scmp_filter_ctx context = seccomp_init(otherwise);

	assert_non_null(context);
	if (token != seccomp_arch_native()) {
		assert_int_equal(seccomp_arch_add(context, token), 0);
		assert_int_equal(
			seccomp_arch_remove(context, seccomp_arch_native()), 0);
	}
	assert_int_equal(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
					  SCMP_ACT_KILL_PROCESS),
			 0);
	return context;
}

static inline void libseccomp_export(struct program *out,
				     scmp_filter_ctx context)
{
	auto_fd int fd = memfd_create("filter", MFD_CLOEXEC);

	assert_int_equal(seccomp_export_bpf(context, fd), 0);
	ssize_t size = io_read_at(fd, out->insns, sizeof(out->insns), 0);

	assert_true(size > 0 && (size_t)size < sizeof(out->insns));
	out->count = (size_t)size / sizeof(out->insns[0]);
}

static inline uint32_t program_verdict(const struct program *program,
				       const struct bpf_data *call)
{
	struct bpf_result got;
	struct err err = { 0 };

	if (bpf_run(&got, program->insns, program->count, call, &err) < 0)
		fail_msg("%s", err.text);
	return got.action;
}

#endif
