/*
 * The decoder against capstone, over every executable byte of real libraries
 * and programs: lengths, memory operands, immediates, where it goes on, and
 * that every register which changes is known to.
 * A file that is not installed is skipped by name; the C library never is.
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
#include "seccomp/decode_x86.h"
#include "seccomp/effect.h"

enum { FILE_MAX = 256 << 20, SHOWN_MAX = 20 };

struct tally {
	size_t same, explained, wrong;
};

static int cs_register(uint8_t reg, bool is_narrow)
{
	static const int wide[] = { X86_REG_RAX, X86_REG_RCX, X86_REG_RDX,
				    X86_REG_RBX, X86_REG_RSP, X86_REG_RBP,
				    X86_REG_RSI, X86_REG_RDI, X86_REG_R8,
				    X86_REG_R9,	 X86_REG_R10, X86_REG_R11,
				    X86_REG_R12, X86_REG_R13, X86_REG_R14,
				    X86_REG_R15 };
	static const int narrow[] = { X86_REG_EAX,  X86_REG_ECX,  X86_REG_EDX,
				      X86_REG_EBX,  X86_REG_ESP,  X86_REG_EBP,
				      X86_REG_ESI,  X86_REG_EDI,  X86_REG_R8D,
				      X86_REG_R9D,  X86_REG_R10D, X86_REG_R11D,
				      X86_REG_R12D, X86_REG_R13D, X86_REG_R14D,
				      X86_REG_R15D };

	if (reg == DECODE_NONE)
		return X86_REG_INVALID;
	if (reg == DECODE_RIP)
		return is_narrow ? X86_REG_EIP : X86_REG_RIP;
	return is_narrow ? narrow[reg] : wide[reg];
}

static bool in_group(csh handle, const cs_insn *theirs, unsigned group)
{
	return cs_insn_group(handle, theirs, group);
}

static bool flow_agrees(csh handle, const struct insn *ours,
			const cs_insn *theirs)
{
	bool jumps = in_group(handle, theirs, X86_GRP_JUMP);
	bool calls = in_group(handle, theirs, X86_GRP_CALL);

	switch (ours->flow) {
	case FLOW_JUMP:
	case FLOW_JUMP_TO:
		return jumps && (theirs->id == X86_INS_JMP ||
				 theirs->id == X86_INS_LJMP);
	case FLOW_BRANCH:
		return (jumps && theirs->id != X86_INS_JMP) ||
		       theirs->id == X86_INS_XBEGIN ||
		       theirs->id == X86_INS_LOOP ||
		       theirs->id == X86_INS_LOOPE ||
		       theirs->id == X86_INS_LOOPNE;
	case FLOW_CALL:
	case FLOW_CALL_TO:
		return calls || theirs->id == X86_INS_LCALL;
	case FLOW_RETURN:
		return in_group(handle, theirs, X86_GRP_RET) ||
		       theirs->id == X86_INS_RETF ||
		       theirs->id == X86_INS_RETFQ ||
		       in_group(handle, theirs, X86_GRP_IRET);
	case FLOW_STOP:
		return true;
	case FLOW_SYSCALL:
		return theirs->id == X86_INS_SYSCALL;
	case FLOW_FOREIGN:
		return theirs->id == X86_INS_SYSENTER ||
		       theirs->id == X86_INS_INT;
	default:
		return !jumps && !calls &&
		       !in_group(handle, theirs, X86_GRP_RET);
	}
}

/* Capstone multiplies EVEX's short displacements, and knows them by detail. */
static bool memory_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_x86 *x86 = &theirs->detail->x86;
	bool is_narrow = ours->prefixes & PREFIX_ADDRSIZE;

	for (int i = 0; i < x86->op_count; i++) {
		const x86_op_mem *mem = &x86->operands[i].mem;

		if (x86->operands[i].type != X86_OP_MEM)
			continue;
		if (!ours->has_memory)
			continue;
		if (ours->encoding == ENCODING_EVEX)
			return true;
		return (int)mem->base == cs_register(ours->base, is_narrow) &&
		       (int)mem->index == cs_register(ours->index, is_narrow) &&
		       (ours->index == DECODE_NONE ||
			mem->scale == ours->scale) &&
		       mem->disp == ours->disp;
	}
	return true;
}

static bool imm_agrees(const struct insn *ours, const cs_insn *theirs)
{
	const cs_x86 *x86 = &theirs->detail->x86;
	uint64_t mask = ours->imm_size == 1   ? 0xff
			: ours->imm_size == 2 ? 0xffff
			: ours->imm_size == 8 ? ~0ull
					      : 0xffffffff;

	for (int i = 0; i < x86->op_count; i++) {
		uint64_t imm = (uint64_t)x86->operands[i].imm;

		if (x86->operands[i].type != X86_OP_IMM)
			continue;
		if (ours->flow == FLOW_JUMP || ours->flow == FLOW_BRANCH ||
		    ours->flow == FLOW_CALL)
			return imm == decode_target(ours, theirs->address);
		return ours->imm_size == 0 || ours->imm_size == 3 ||
		       ((imm ^ (uint64_t)ours->imm) & mask) == 0;
	}
	return true;
}

/* The number of the general register that a name is a part of, or -1. */
static int general_register(csh handle, uint16_t reg)
{
	static const char *const names[16] = { "ax", "cx", "dx", "bx",
					       "sp", "bp", "si", "di" };
	const char *name = cs_reg_name(handle, reg);
	size_t len = name ? strlen(name) : 0;
	char *end;

	if (len > 1 && name[0] == 'r' && name[1] >= '0' && name[1] <= '9') {
		long number = strtol(name + 1, &end, 10);

		return *end == 0 || strchr("dwb", *end) ? (int)number : -1;
	}
	for (int i = 0; i < 8; i++)
		if ((len == 2 && strcmp(name, names[i]) == 0) ||
		    (len == 3 && (name[0] == 'e' || name[0] == 'r') &&
		     strcmp(name + 1, names[i]) == 0) ||
		    (len == 2 && i < 4 && name[0] == names[i][0] &&
		     (name[1] == 'l' || name[1] == 'h')) ||
		    (len == 3 && i >= 4 && name[2] == 'l' &&
		     strncmp(name, names[i], 2) == 0))
			return i;
	return -1;
}

/* No register may change behind our back; one too many does no harm. */
static bool writes_agree(csh handle, const struct insn *ours,
			 const cs_insn *theirs)
{
	cs_regs reads, writes;
	uint8_t read_count, write_count;
	struct effect effect;

	if (ours->flow != FLOW_NEXT ||
	    cs_regs_access(handle, theirs, reads, &read_count, writes,
			   &write_count) != 0)
		return true;
	effect_of(&effect, ours);
	for (int i = 0; i < write_count; i++) {
		int reg = general_register(handle, writes[i]);

		if (reg >= 0 && !(effect.writes & REG_BIT(reg)))
			return false;
	}
	return true;
}

static void show(const char *file, uint64_t at, const uint8_t *bytes,
		 const struct insn *ours, const cs_insn *theirs, bool known)
{
	printf("%s+0x%llx:", file, (unsigned long long)at);
	for (int i = 0; i < 15; i++)
		printf(" %02x", bytes[i]);
	printf("  ours %d  capstone %d %s %s\n", ours ? ours->len : 0,
	       known ? theirs->size : 0, known ? theirs->mnemonic : "",
	       known ? theirs->op_str : "");
}

/*
 * Why the two may differ, each a rule, not a place. Read beside objdump, which
 * agrees with our length at every one of the first kind.
 */
static bool is_explained(const struct insn *ours, bool is_theirs, bool has_data)
{
	/* AVX-512 and later VEX instructions, which capstone 4 lacks. */
	if (!is_theirs && ours->encoding != ENCODING_LEGACY)
		return true;
	/* rdpkru and wrpkru. */
	if (!is_theirs && ours->map == MAP_0F && ours->opcode == 0x01)
		return true;
	/* Theirs has test change rax, and cdq rax instead of rdx. */
	if (is_theirs && ours->map == MAP_ONE &&
	    (ours->opcode == 0xa8 || ours->opcode == 0xa9 ||
	     ours->opcode == 0x99))
		return true;
	/* 66 before a jump: theirs is AMD's reading, ours Intel's. */
	if (is_theirs && ours->flow == FLOW_JUMP &&
	    ours->prefixes & PREFIX_OPSIZE)
		return true;
	/* ud0 and ud1 have a ModRM byte; nothing behind them runs. */
	if (is_theirs && ours->flow == FLOW_STOP && ours->has_modrm)
		return true;
	/* Constants between functions: a length for nonsense harms nobody. */
	return !is_theirs && has_data;
}

struct walk {
	const char *file;
	csh handle;
	cs_insn *theirs;
	struct tally tally;
	bool has_data; /* in the midst of code */
};

/* Compare at one place. Returns how many bytes to go on by. */
static size_t compare_at(struct walk *walk, const uint8_t *bytes, size_t len,
			 uint64_t at)
{
	struct insn ours;
	bool is_ours = decode_x86(&ours, bytes, len);
	const uint8_t *code = bytes;
	size_t left = len;
	uint64_t address = at;
	bool is_theirs = cs_disasm_iter(walk->handle, &code, &left, &address,
					walk->theirs);
	bool agrees = is_ours == is_theirs;

	if (is_ours && is_theirs)
		agrees = ours.len == walk->theirs->size &&
			 flow_agrees(walk->handle, &ours, walk->theirs) &&
			 memory_agrees(&ours, walk->theirs) &&
			 imm_agrees(&ours, walk->theirs) &&
			 writes_agree(walk->handle, &ours, walk->theirs);
	if (agrees)
		walk->tally.same++;
	else if (is_ours && is_explained(&ours, is_theirs, walk->has_data))
		walk->tally.explained++;
	else if (walk->tally.wrong++ < SHOWN_MAX && len >= 15)
		show(walk->file, at, bytes, is_ours ? &ours : NULL,
		     walk->theirs, is_theirs);
	return is_ours ? ours.len : 1;
}

static void compare_segment(struct walk *walk, const uint8_t *bytes, size_t len,
			    uint64_t at)
{
	for (size_t i = 0; i < len;)
		i += compare_at(walk, bytes + i, len - i, at + i);
}

static struct tally compare_file(const char *file, bool has_data)
{
	auto_free char *data = NULL;
	size_t len;
	struct err err;
	struct walk walk = { .file = file, .has_data = has_data };
	Elf64_Ehdr header;

	assert_int_equal(io_load(&data, &len, file, FILE_MAX, &err), 0);
	memcpy(&header, data, sizeof(header));
	assert_int_equal(cs_open(CS_ARCH_X86, CS_MODE_64, &walk.handle), 0);
	cs_option(walk.handle, CS_OPT_DETAIL, CS_OPT_ON);
	walk.theirs = cs_malloc(walk.handle);
	for (int i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;

		memcpy(&segment, data + header.e_phoff + i * sizeof(segment),
		       sizeof(segment));
		if (segment.p_type == PT_LOAD && segment.p_flags & PF_X)
			compare_segment(&walk,
					(uint8_t *)data + segment.p_offset,
					segment.p_filesz, segment.p_vaddr);
	}
	cs_free(walk.theirs, 1);
	cs_close(&walk.handle);
	return walk.tally;
}

static void check_file(const char *file, bool has_data)
{
	if (access(file, R_OK) < 0) {
		print_message("not installed: %s\n", file);
		skip();
	}
	struct tally tally = compare_file(file, has_data);

	print_message("# %s: %zu alike, %zu explained, %zu not\n", file,
		      tally.same, tally.explained, tally.wrong);
	assert_int_equal(tally.wrong, 0);
	assert_true(tally.same > 1000);
}

static void agrees_over_libc(void **state)
{
	(void)state;
	check_file("/lib/x86_64-linux-gnu/libc.so.6", false);
}

static void agrees_over_crypto(void **state)
{
	(void)state;
	check_file("/usr/lib/x86_64-linux-gnu/libcrypto.so.3", true);
}

static void agrees_over_rust(void **state)
{
	(void)state;
	check_file("/usr/bin/rg", false);
}

static void agrees_over_go(void **state)
{
	(void)state;
	check_file("/usr/sbin/runc", false);
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
