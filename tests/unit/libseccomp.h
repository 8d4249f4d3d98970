#ifndef TESTS_UNIT_LIBSECCOMP_H
#define TESTS_UNIT_LIBSECCOMP_H

/* libseccomp: seccomp/judge.h for tests, which fail where it does. */
#include <seccomp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "data/bpf.h"
#include "seccomp/judge.h"

static inline scmp_filter_ctx libseccomp_context(const struct arch *arch,
						 uint32_t otherwise)
{
	struct err err = { 0 };
	scmp_filter_ctx context = judge_context(arch, otherwise, &err);

	if (!context)
		fail_msg("%s", err.text);
	return context;
}

static inline void libseccomp_export(struct judge_program *out,
				     scmp_filter_ctx context)
{
	struct err err = { 0 };

	if (judge_export(out, context, &err) < 0)
		fail_msg("%s", err.text);
}

static inline uint32_t program_verdict(const struct judge_program *program,
				       const struct bpf_data *call)
{
	uint32_t action = 0;
	struct err err = { 0 };

	if (judge_verdict(&action, program, call, &err) < 0)
		fail_msg("%s", err.text);
	return action;
}

#endif
