#ifndef SECCOMP_JUDGE_H
#define SECCOMP_JUDGE_H

/*
 * judge: libseccomp as a second opinion. prove.h holds a filter against the
 * policy with pith's own reading of both; here libseccomp makes filters of the
 * same rules, and what they answer is compared. Nothing is installed: both run
 * in bpf.h.
 *
 * libseccomp finds which rules of a call hold, and pith which of those is the
 * strictest, since rules of libseccomp's that overlap have no order. It gets
 * arguments as the kernel takes them: an int without its upper half.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "data/filter.h"

struct arch;
struct bpf_data;
struct err;
struct policy;

struct judge_program {
	struct filter_insn insns[FILTER_INSNS_MAX];
	size_t count;
};

/* "2.5.4" */
void judge_version(struct buf *out);

/* libseccomp's name of an architecture, SCMP_ARCH_*. */
uint32_t judge_arch(const struct arch *arch);

/* Whether it has the call on that machine. */
bool judge_knows(const struct arch *arch, const char *name);

/*
 * A scmp_filter_ctx for that machine alone, where other ABIs kill and calls
 * without a rule get otherwise, SECCOMP_RET_*. NULL with *err on failure; else
 * seccomp_release() is owed.
 */
void *judge_context(const struct arch *arch, uint32_t otherwise,
		    struct err *err);

/* The program that a context makes. */
int judge_export(struct judge_program *out, void *context, struct err *err);

/* What a program answers. */
int judge_verdict(uint32_t *action, const struct judge_program *program,
		  const struct bpf_data *call, struct err *err);

struct judge_tally {
	size_t calls;	    /* of the table that were compared */
	size_t verdicts;    /* numbers and arguments that were tried */
	struct buf unknown; /* names that libseccomp does not have */
	struct buf beyond;  /* calls with a condition that it cannot say */
};

void judge_tally_free(struct judge_tally *tally);

/*
 * Compare a filter with what libseccomp makes of the policy with the guards,
 * compile_whole()'s: every number of the table and some beyond, other
 * architectures, and of conditions the values on and beside each bound and
 * those that differ from them in one bit, all with high bits set as well.
 * Numbers without a call must get ENOSYS, which libseccomp cannot say. Not
 * compared: execve and execveat behind the gate, which no such rule says.
 * Returns 0, or -1 where they differ: *err names the call, its arguments and
 * both verdicts.
 */
int judge_filter(struct judge_tally *tally, const struct filter *filter,
		 const struct policy *whole, struct err *err);

#endif
