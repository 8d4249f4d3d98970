#ifndef DATA_BPF_H
#define DATA_BPF_H

/*
 * bpf: classic BPF as seccomp(2) runs it: make instructions, print them,
 * check them as the kernel would, and run them without a kernel.
 *
 * Everything here takes hostile instructions: jumps only go forward, so
 * every program ends after at most as many steps as it has instructions.
 */
#include <stddef.h>
#include <stdint.h>

struct buf;
struct err;
struct filter_insn;

/* What a filter sees of a call: the kernel's struct seccomp_data. */
struct bpf_data {
	uint32_t nr;
	uint32_t arch; /* AUDIT_ARCH_* */
	uint64_t ip;
	uint64_t args[6];
};

enum bpf_offset {
	BPF_NR = 0,
	BPF_ARCH = 4,
	BPF_IP = 8,
	BPF_ARGS = 16, /* low word first: pith's machines are little-endian */
};

/* The offset of the low or high 32 bits of argument arg (0..5). */
uint32_t bpf_arg_low(unsigned int arg);
uint32_t bpf_arg_high(unsigned int arg);

/* Instructions. if_true and if_false are how many to skip. */
struct filter_insn bpf_load(uint32_t offset);
struct filter_insn bpf_if_equal(uint32_t k, uint8_t if_true, uint8_t if_false);
struct filter_insn bpf_if_above(uint32_t k, uint8_t if_true, uint8_t if_false);
struct filter_insn bpf_if_any_bit(uint32_t k, uint8_t if_true,
				  uint8_t if_false);
struct filter_insn bpf_skip(uint32_t count);
struct filter_insn bpf_return(uint32_t action);

/*
 * Check what the kernel checks before it accepts a filter: 1 to 4096
 * instructions, all of the kind that seccomp allows, aligned loads within
 * struct bpf_data, jumps that stay inside, no memory cell read before it is
 * written, a return at the end. See bpf_check_classic() in net/core/filter.c
 * and seccomp_check_filter() in kernel/seccomp.c.
 */
int bpf_check(const struct filter_insn *insns, size_t count, struct err *err);

struct bpf_result {
	uint32_t action; /* SECCOMP_RET_* and its data */
	/*
	 * Bit i: the run loaded the 32-bit word i of struct bpf_data. Words it
	 * did not load cannot change the action.
	 */
	uint32_t words;
};

/* The bit in bpf_result.words for what lies at that offset. */
uint32_t bpf_word(uint32_t offset);

/*
 * Run the program on data and store what comes of it. Safe on programs that
 * bpf_check refuses: reaching a bad instruction is an error.
 */
int bpf_run(struct bpf_result *out, const struct filter_insn *insns,
	    size_t count, const struct bpf_data *data, struct err *err);

/*
 * Mark each instruction that a call with that number and architecture can get
 * to, whatever its arguments: reached[i] is set to 1 for these, 0 for the
 * others, count in all. Comparisons of anything but number and architecture
 * may go both ways, so this can only be too much. Fails as bpf_check does.
 */
int bpf_reach(uint8_t *reached, const struct filter_insn *insns, size_t count,
	      const struct bpf_data *call, struct err *err);

/* The same of a program that bpf_check() has passed, for one call of many. */
void bpf_follow(uint8_t *reached, const struct filter_insn *insns, size_t count,
		const struct bpf_data *call);

/*
 * Append one line per instruction in the syntax of the kernel's bpf_asm,
 * with a comment that says what is loaded or returned. What is no
 * instruction prints as its numbers.
 */
void bpf_print(struct buf *out, const struct filter_insn *insns, size_t count);

/* Append an action as people say it: "allow", "errno EPERM", "kill". */
void bpf_print_action(struct buf *out, uint32_t action);

#endif
