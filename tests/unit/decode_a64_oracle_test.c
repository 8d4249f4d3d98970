/*
 * The aarch64 decoder against capstone, over every word of real libraries and
 * programs: where control goes on, operands in memory, and that every general
 * register which changes is known to.
 * A file that tests/foreign-root has not fetched is skipped by name.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <capstone/capstone.h>
#include <cmocka.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/decode_a64.h"
#include "seccomp/effect.h"

#define ROOT "build/root/arm64"

enum { FILE_MAX = 256 << 20, SHOWN_MAX = 20 };

struct walk {
	const char *file;
	csh handle;
	cs_insn *theirs;
	size_t same, explained, wrong;
};

/* A register's number, the stack pointer as 31, DECODE_NONE for no general. */
static uint8_t general(unsigned reg)
{
	switch (reg) {
	case ARM64_REG_X29:
	case ARM64_REG_W29:
		return 29;
	case ARM64_REG_X30:
	case ARM64_REG_W30:
		return 30;
	case ARM64_REG_SP:
	case ARM64_REG_WSP:
		return A64_SP;
	default:
		break;
	}
	if (reg >= ARM64_REG_X0 && reg <= ARM64_REG_X28)
		return (uint8_t)(reg - ARM64_REG_X0);
	if (reg >= ARM64_REG_W0 && reg <= ARM64_REG_W28)
		return (uint8_t)(reg - ARM64_REG_W0);
	return DECODE_NONE;
}

static enum decode_flow flow_of(const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;

	switch (theirs->id) {
	case ARM64_INS_B:
		return arm->cc == ARM64_CC_INVALID || arm->cc == ARM64_CC_AL ||
				       arm->cc == ARM64_CC_NV
			       ? FLOW_JUMP
			       : FLOW_BRANCH;
	case ARM64_INS_CBZ:
	case ARM64_INS_CBNZ:
	case ARM64_INS_TBZ:
	case ARM64_INS_TBNZ:
		return FLOW_BRANCH;
	case ARM64_INS_BL:
		return FLOW_CALL;
	case ARM64_INS_BR:
		return FLOW_JUMP_TO;
	case ARM64_INS_BLR:
		return FLOW_CALL_TO;
	case ARM64_INS_RET:
		return FLOW_RETURN;
	case ARM64_INS_SVC:
		return FLOW_SYSCALL;
	case ARM64_INS_BRK:
	case ARM64_INS_HLT:
	case ARM64_INS_HVC:
	case ARM64_INS_SMC:
	case ARM64_INS_ERET:
	case ARM64_INS_DRPS:
	case ARM64_INS_DCPS1:
	case ARM64_INS_DCPS2:
	case ARM64_INS_DCPS3:
		return FLOW_STOP;
	default:
		return FLOW_NEXT;
	}
}

static bool flow_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;
	enum decode_flow flow = flow_of(theirs);

	/* "b.al" is a conditional jump by its form. */
	if (flow == FLOW_JUMP && a64_is(ours, 0xff000000, 0x54000000))
		flow = FLOW_BRANCH;
	if (ours->flow != flow)
		return false;
	if (flow == FLOW_JUMP_TO || flow == FLOW_CALL_TO)
		return ours->to == general(arm->operands[0].reg) ||
		       a64_rn(ours) == A64_ZERO;
	if (flow != FLOW_JUMP && flow != FLOW_BRANCH && flow != FLOW_CALL)
		return true;
	return (uint64_t)arm->operands[arm->op_count - 1].imm ==
	       decode_target(ours, theirs->address);
}

static bool memory_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;

	for (int i = 0; i < arm->op_count; i++) {
		const arm64_op_mem *mem = &arm->operands[i].mem;

		if (arm->operands[i].type != ARM64_OP_MEM)
			continue;
		if (!ours->has_memory || ours->base != general(mem->base))
			return false;
		/* Theirs names what the base grows by behind the access. */
		if (a64_access(ours) == ACCESS_STRUCTURE)
			return true;
		if (ours->index != general(mem->index))
			return false;
		return ours->index != DECODE_NONE || mem->disp == ours->disp;
	}
	return true;
}

/* adr, adrp, ldr of a constant: the address is an operand of theirs. */
static bool address_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;

	if (ours->base != DECODE_RIP)
		return true;
	for (int i = arm->op_count; i-- > 0;)
		if (arm->operands[i].type == ARM64_OP_IMM)
			return (uint64_t)arm->operands[i].imm ==
			       decode_operand(ours, theirs->address);
	return false;
}

/* No register may change behind our back; one too many does no harm. */
static bool writes_agree(const struct insn *ours, const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;
	struct effect effect;

	if (ours->flow != FLOW_NEXT)
		return true;
	effect_of(&effect, ours);
	for (int i = 0; i < arm->op_count; i++) {
		const cs_arm64_op *op = &arm->operands[i];
		uint8_t reg = DECODE_NONE;

		if (op->type == ARM64_OP_REG && op->access & CS_AC_WRITE)
			reg = general(op->reg);
		if (op->type == ARM64_OP_MEM && arm->writeback)
			reg = general(op->mem.base);
		if (reg != DECODE_NONE && !(effect.writes & REG_BIT(reg)))
			return false;
	}
	return true;
}

/* What a move or an addition of a number makes, where theirs shows it. */
static bool value_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_arm64 *arm = &theirs->detail->arm64;
	struct effect e;

	if (theirs->id != ARM64_INS_MOV && theirs->id != ARM64_INS_MOVZ &&
	    theirs->id != ARM64_INS_ORR)
		return true;
	effect_of(&e, ours);
	if (arm->op_count != 2 || arm->operands[1].type != ARM64_OP_IMM)
		return true;
	if (a64_group(ours) != A64_IMMEDIATE)
		return true;
	uint64_t imm = (uint64_t)arm->operands[1].imm
		       << arm->operands[1].shift.value;
	uint64_t mask = e.width == 8 ? ~0ull : UINT32_MAX;

	return e.source == SOURCE_CONST &&
	       ((imm ^ (uint64_t)e.imm) & mask) == 0;
}

static void show(const struct walk *walk, uint64_t at, const uint8_t *bytes,
		 bool is_ours, bool is_theirs)
{
	uint32_t word;

	memcpy(&word, bytes, 4);
	printf("%s+0x%llx: %08x  %s; capstone: %s %s\n", walk->file,
	       (unsigned long long)at, word, is_ours ? "one" : "none",
	       is_theirs ? walk->theirs->mnemonic : "none",
	       is_theirs ? walk->theirs->op_str : "");
}

/*
 * Why the two may differ, each a rule, not a place. Capstone 4 knows
 * ARMv8.0 to about 8.3; and it marks the first operand as written in places
 * where the manual has it read.
 */
static bool is_explained(const struct insn *ours, bool is_ours, bool is_theirs,
			 const cs_insn *theirs)
{
	(void)ours;
	/* Later instructions and constants in the midst of code. */
	if (is_ours && !is_theirs)
		return true;
	if (!is_theirs)
		return false;
	/* Theirs has these write what they read; a store by what it grows. */
	if (a64_access(ours) == ACCESS_STRUCTURE && !a64_bits(ours, 22, 1))
		return true;
	return theirs->id == ARM64_INS_CMP || theirs->id == ARM64_INS_CMN ||
	       theirs->id == ARM64_INS_TST || theirs->id == ARM64_INS_MSR ||
	       theirs->id == ARM64_INS_SYS;
}

static void compare_at(struct walk *walk, const uint8_t *bytes, uint64_t at)
{
	struct insn ours;
	bool is_ours = decode_a64(&ours, bytes, 4);
	const uint8_t *code = bytes;
	size_t left = 4;
	uint64_t address = at;
	bool is_theirs = cs_disasm_iter(walk->handle, &code, &left, &address,
					walk->theirs);
	bool agrees = is_ours == is_theirs;

	if (is_ours && is_theirs)
		agrees = flow_agrees(&ours, walk->theirs) &&
			 memory_agrees(&ours, walk->theirs) &&
			 address_agrees(&ours, walk->theirs) &&
			 value_agrees(&ours, walk->theirs) &&
			 writes_agree(&ours, walk->theirs);
	if (agrees)
		walk->same++;
	else if (is_explained(&ours, is_ours, is_theirs, walk->theirs))
		walk->explained++;
	else if (walk->wrong++ < SHOWN_MAX)
		show(walk, at, bytes, is_ours, is_theirs);
}

static void compare_file(struct walk *walk)
{
	auto_free char *data = NULL;
	size_t len;
	struct err err;
	Elf64_Ehdr header;

	assert_int_equal(io_load(&data, &len, walk->file, FILE_MAX, &err), 0);
	memcpy(&header, data, sizeof(header));
	assert_int_equal(header.e_machine, EM_AARCH64);
	assert_int_equal(cs_open(CS_ARCH_ARM64, CS_MODE_ARM, &walk->handle), 0);
	cs_option(walk->handle, CS_OPT_DETAIL, CS_OPT_ON);
	walk->theirs = cs_malloc(walk->handle);
	for (int i = 0; i < header.e_shnum; i++) {
		Elf64_Shdr section;

		memcpy(&section, data + header.e_shoff + i * sizeof(section),
		       sizeof(section));
		if (!(section.sh_flags & SHF_EXECINSTR))
			continue;
		for (uint64_t n = 0; n + 4 <= section.sh_size; n += 4)
			compare_at(walk,
				   (uint8_t *)data + section.sh_offset + n,
				   section.sh_addr + n);
	}
	cs_free(walk->theirs, 1);
	cs_close(&walk->handle);
}

static void check_file(const char *file)
{
	struct walk walk = { .file = file };

	if (access(file, R_OK) < 0) {
		print_message("not fetched: %s\n", file);
		skip();
	}
	compare_file(&walk);
	print_message("# %s: %zu alike, %zu explained, %zu not\n", file,
		      walk.same, walk.explained, walk.wrong);
	assert_int_equal(walk.wrong, 0);
	assert_true(walk.same > 100000);
}

static void agrees_over_libc(void **state)
{
	(void)state;
	check_file("/usr/aarch64-linux-gnu/lib/libc.so.6");
}

static void agrees_over_crypto(void **state)
{
	(void)state;
	check_file(ROOT "/usr/lib/aarch64-linux-gnu/libcrypto.so.3");
}

static void agrees_over_rust(void **state)
{
	(void)state;
	check_file(ROOT "/usr/bin/rg");
}

static void agrees_over_go(void **state)
{
	(void)state;
	check_file(ROOT "/usr/sbin/runc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_over_libc),
		cmocka_unit_test(agrees_over_crypto),
		cmocka_unit_test(agrees_over_rust),
		cmocka_unit_test(agrees_over_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
