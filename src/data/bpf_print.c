/* The half of bpf that shows programs to people. */
#include "data/bpf.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "base/buf.h"
#include "data/filter.h"

enum how {
	HOW_DATA,     /* [k] */
	HOW_CELL,     /* M[k] */
	HOW_K,	      /* #k */
	HOW_NAME,     /* a fixed operand, or none */
	HOW_BRANCH_K, /* #k, true, false */
	HOW_BRANCH_X, /* x, true, false */
	HOW_GOTO,     /* target */
};

static const struct {
	uint16_t code;
	const char *text;
	enum how how;
} forms[] = {
	{ BPF_LD | BPF_W | BPF_ABS, "ld ", HOW_DATA },
	{ BPF_LD | BPF_W | BPF_LEN, "ld len", HOW_NAME },
	{ BPF_LDX | BPF_W | BPF_LEN, "ldx len", HOW_NAME },
	{ BPF_LD | BPF_IMM, "ld ", HOW_K },
	{ BPF_LDX | BPF_IMM, "ldx ", HOW_K },
	{ BPF_LD | BPF_MEM, "ld ", HOW_CELL },
	{ BPF_LDX | BPF_MEM, "ldx ", HOW_CELL },
	{ BPF_ST, "st ", HOW_CELL },
	{ BPF_STX, "stx ", HOW_CELL },
	{ BPF_MISC | BPF_TAX, "tax", HOW_NAME },
	{ BPF_MISC | BPF_TXA, "txa", HOW_NAME },
	{ BPF_ALU | BPF_ADD | BPF_K, "add ", HOW_K },
	{ BPF_ALU | BPF_ADD | BPF_X, "add x", HOW_NAME },
	{ BPF_ALU | BPF_SUB | BPF_K, "sub ", HOW_K },
	{ BPF_ALU | BPF_SUB | BPF_X, "sub x", HOW_NAME },
	{ BPF_ALU | BPF_MUL | BPF_K, "mul ", HOW_K },
	{ BPF_ALU | BPF_MUL | BPF_X, "mul x", HOW_NAME },
	{ BPF_ALU | BPF_DIV | BPF_K, "div ", HOW_K },
	{ BPF_ALU | BPF_DIV | BPF_X, "div x", HOW_NAME },
	{ BPF_ALU | BPF_AND | BPF_K, "and ", HOW_K },
	{ BPF_ALU | BPF_AND | BPF_X, "and x", HOW_NAME },
	{ BPF_ALU | BPF_OR | BPF_K, "or ", HOW_K },
	{ BPF_ALU | BPF_OR | BPF_X, "or x", HOW_NAME },
	{ BPF_ALU | BPF_XOR | BPF_K, "xor ", HOW_K },
	{ BPF_ALU | BPF_XOR | BPF_X, "xor x", HOW_NAME },
	{ BPF_ALU | BPF_LSH | BPF_K, "lsh ", HOW_K },
	{ BPF_ALU | BPF_LSH | BPF_X, "lsh x", HOW_NAME },
	{ BPF_ALU | BPF_RSH | BPF_K, "rsh ", HOW_K },
	{ BPF_ALU | BPF_RSH | BPF_X, "rsh x", HOW_NAME },
	{ BPF_ALU | BPF_NEG, "neg", HOW_NAME },
	{ BPF_JMP | BPF_JA, "ja ", HOW_GOTO },
	{ BPF_JMP | BPF_JEQ | BPF_K, "jeq ", HOW_BRANCH_K },
	{ BPF_JMP | BPF_JEQ | BPF_X, "jeq ", HOW_BRANCH_X },
	{ BPF_JMP | BPF_JGE | BPF_K, "jge ", HOW_BRANCH_K },
	{ BPF_JMP | BPF_JGE | BPF_X, "jge ", HOW_BRANCH_X },
	{ BPF_JMP | BPF_JGT | BPF_K, "jgt ", HOW_BRANCH_K },
	{ BPF_JMP | BPF_JGT | BPF_X, "jgt ", HOW_BRANCH_X },
	{ BPF_JMP | BPF_JSET | BPF_K, "jset ", HOW_BRANCH_K },
	{ BPF_JMP | BPF_JSET | BPF_X, "jset ", HOW_BRANCH_X },
	{ BPF_RET | BPF_K, "ret ", HOW_K },
	{ BPF_RET | BPF_A, "ret a", HOW_NAME },
};

static const struct {
	uint32_t action;
	const char *name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "kill" },
	{ SECCOMP_RET_KILL_THREAD, "kill the thread" },
	{ SECCOMP_RET_TRAP, "trap" },
	{ SECCOMP_RET_ERRNO, "errno" },
	{ SECCOMP_RET_USER_NOTIF, "notify" },
	{ SECCOMP_RET_TRACE, "trace" },
	{ SECCOMP_RET_LOG, "log" },
	{ SECCOMP_RET_ALLOW, "allow" },
};

void bpf_print_action(struct buf *out, uint32_t action)
{
	uint32_t data = action & SECCOMP_RET_DATA;
	const char *name = NULL;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if ((action & SECCOMP_RET_ACTION_FULL) == actions[i].action)
			name = actions[i].name;
	if (!name) {
		buf_fmt(out, "0x%x", action);
		return;
	}
	buf_text(out, name);
	const char *error = strerrorname_np((int)data);

	if (strcmp(name, "errno") == 0 && error)
		buf_fmt(out, " %s", error);
	else if (data)
		buf_fmt(out, " %u", data);
}

static void print_data_name(struct buf *out, uint32_t offset)
{
	static const char *const words[] = { "nr", "arch", "ip", "ip high" };

	if (offset / 4 < sizeof(words) / sizeof(words[0]))
		buf_fmt(out, "\t; %s", words[offset / 4]);
	else
		buf_fmt(out, "\t; argument %u%s", (offset - BPF_ARGS) / 8,
			offset % 8 ? " high" : "");
}

/* Targets are sums of up to 32 bits and a size: 64 bits never wrap. */
static void print_branch(struct buf *out, const struct filter_insn *insn,
			 size_t next)
{
	buf_fmt(out, ", l%zu, l%zu", next + insn->jt, next + insn->jf);
}

static void print_operand(struct buf *out, const struct filter_insn *insn,
			  enum how how, size_t next)
{
	switch (how) {
	case HOW_DATA:
		buf_fmt(out, "[%u]", insn->k);
		print_data_name(out, insn->k);
		break;
	case HOW_CELL:
		buf_fmt(out, "M[%u]", insn->k);
		break;
	case HOW_K:
		buf_fmt(out, "#0x%x", insn->k);
		break;
	case HOW_NAME:
		break;
	case HOW_BRANCH_K:
		buf_fmt(out, "#0x%x", insn->k);
		print_branch(out, insn, next);
		break;
	case HOW_BRANCH_X:
		buf_text(out, "x");
		print_branch(out, insn, next);
		break;
	case HOW_GOTO:
		buf_fmt(out, "l%llu", (unsigned long long)next + insn->k);
		break;
	}
}

static void print_insn(struct buf *out, const struct filter_insn *insn,
		       size_t next)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (insn->code != forms[i].code)
			continue;
		buf_text(out, forms[i].text);
		print_operand(out, insn, forms[i].how, next);
		if (insn->code == (BPF_RET | BPF_K)) {
			buf_text(out, "\t; ");
			bpf_print_action(out, insn->k);
		}
		return;
	}
	buf_fmt(out, "; 0x%x %u %u 0x%x is no instruction", insn->code,
		insn->jt, insn->jf, insn->k);
}

void bpf_print(struct buf *out, const struct filter_insn *insns, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_fmt(out, "l%zu:\t", i);
		print_insn(out, &insns[i], i + 1);
		buf_text(out, "\n");
	}
}
