#ifndef SECCOMP_PROOF_H
#define SECCOMP_PROOF_H

/* proof: what prove.c and prove_args.c share of one proof. */
#include <stddef.h>

#include "seccomp/oracle.h"

struct arch;
struct bpf_data;
struct err;
struct filter_insn;

struct proof {
	struct filter_insn *insns; /* with the oracle's cookie patched in */
	size_t count;
	struct oracle oracle;
	const struct arch *arch;
};

/* Run the filter on one call; it must answer and load as the oracle says. */
int proof_check(const struct proof *proof, const struct bpf_data *call,
		struct err *err);

/* Check all calls whose arguments the policy or a guard looks at. */
int proof_arguments(const struct proof *proof, struct err *err);

#endif
