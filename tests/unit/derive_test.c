/*
 * Whole derivations of programs of a few instructions, each made to break the
 * analysis in one way. A program's entry is its code's first byte, at CODE.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <elf.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/derive.h"

enum { CODE = 0x401000, DATA = 0x500000, CODE_MAX = 256, DATA_MAX = 64 };

struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[2];
	uint8_t code[CODE_MAX];
	uint64_t data[DATA_MAX];
};

static size_t put_bytes(uint8_t *out, const char *text)
{
	size_t count = 0;
	char *end;

	for (; *text; text = *end ? end + 1 : end) {
		assert_true(count < CODE_MAX);
		out[count++] = (uint8_t)strtoul(text, &end, 16);
	}
	return count;
}

static void make_image(struct image *out, const char *code, uint64_t data)
{
	*out = (struct image){
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_X86_64,
			.e_entry = CODE,
			.e_phoff = offsetof(struct image, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 2,
		},
		.segments = {
			{ .p_type = PT_LOAD,
			  .p_flags = PF_R | PF_X,
			  .p_offset = offsetof(struct image, code),
			  .p_vaddr = CODE,
			  .p_filesz = CODE_MAX,
			  .p_memsz = CODE_MAX },
			{ .p_type = PT_LOAD,
			  .p_flags = PF_R | PF_W,
			  .p_offset = offsetof(struct image, data),
			  .p_vaddr = DATA,
			  .p_filesz = sizeof(out->data),
			  .p_memsz = sizeof(out->data) },
		},
	};
	put_bytes(out->code, code);
	out->data[0] = data;
	out->data[1] = data ? data + 16 : 0;
}

/* The calls by name, in order of number; then "open" for each open place. */
static void describe(struct buf *out, const struct derive *derive,
		     const struct arch *arch)
{
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < derive->calls.count; i++) {
		uint32_t nr = derive->calls.at[i].nr;

		if (nr != last)
			buf_fmt(out, "%s ", arch_syscall_name(arch, nr));
		last = nr;
	}
	for (size_t i = 0; i < derive->unknown.count; i++)
		buf_fmt(out, "#%u ", derive->unknown.at[i]);
	for (size_t i = 0; i < derive->opens.count; i++)
		buf_text(out, "open ");
	buf_text(out, "");
}

struct row {
	const char *what;
	const char *code;
	uint64_t data; /* the first word of data; the second is 16 more */
	const char *expected;
};

static const struct row rows[] = {
	{ "a number in the same block", "b8 3c 00 00 00 0f 05 f4", 0, "exit " },
	{ "both ways of a branch", "31 c0 85 ff 74 05 b8 01 00 00 00 0f 05 f4",
	  0, "read write " },
	{ "what the kernel left in a register", "89 f8 0f 05 f4", 0, "open " },
	{ "a number from memory", "8b 07 0f 05 f4", 0, "open " },
	{ "a number that is counted up", "31 c0 ff c0 39 f8 75 fa 0f 05 f4", 0,
	  "open " },
	{ "a number that is added to", "b8 3b 00 00 00 83 c0 01 0f 05 f4", 0,
	  "exit " },
	{ "through the stack", "6a 3c 58 0f 05 f4", 0, "exit " },
	{ "a part of a register", "31 c0 b0 38 0f 05 f4", 0, "clone " },
	{ "a part of an unknown register", "b0 38 0f 05 f4", 0, "open " },
	{ "a flag as a number", "31 c0 85 ff 0f 94 c0 0f 05 f4", 0,
	  "read write " },
	{ "carry as a mask", "39 f7 19 c0 83 e0 02 83 c0 01 0f 05 f4", 0,
	  "write close " },
	{ "either of two", "31 c0 b9 01 00 00 00 85 ff 0f 44 c1 0f 05 f4", 0,
	  "read write " },
	{ "a wrapper's argument",
	  "bf 27 00 00 00 e8 01 00 00 00 f4 89 f8 0f 05 c3", 0, "getpid " },
	{ "a wrapper reached by a jump",
	  "bf 27 00 00 00 e9 01 00 00 00 f4 89 f8 0f 05 c3", 0, "getpid " },
	{ "a wrapper with two callers",
	  "bf 27 00 00 00 e8 0b 00 00 00 bf 3c 00 00 00 e8 01 00 00 00 f4 "
	  "89 f8 0f 05 c3",
	  0, "getpid exit " },
	{ "a wrapper's argument on the stack",
	  "6a 27 e8 01 00 00 00 f4 8b 44 24 08 0f 05 c3", 0, "getpid " },
	{ "a wrapper's address in a register",
	  "48 8d 1d 08 00 00 00 bf 27 00 00 00 ff d3 f4 89 f8 0f 05 c3", 0,
	  "getpid " },
	{ "a wrapper's address in memory",
	  "48 8d 1d 0b 00 00 00 48 89 1e bf 27 00 00 00 ff d3 f4 "
	  "89 f8 0f 05 c3",
	  0, "open " },
	{ "a wrapper's address as an argument",
	  "48 8d 35 0b 00 00 00 bf 27 00 00 00 e8 01 00 00 00 f4 "
	  "89 f8 0f 05 c3",
	  0, "open " },
	{ "a wrapper that data points to",
	  "bf 27 00 00 00 e8 06 00 00 00 f4 90 90 90 90 90 89 f8 0f 05 c3",
	  CODE + 0x10, "open " },
	{ "a function that only data points to",
	  "f4 90 90 90 90 90 90 90 90 90 90 90 90 90 90 90 "
	  "b8 27 00 00 00 0f 05 c3",
	  CODE + 0x10, "getpid " },
	{ "what a call returns",
	  "b8 3c 00 00 00 e8 03 00 00 00 0f 05 f4 31 c0 c3", 0, "open " },
	{ "a register that calls keep",
	  "bb 3c 00 00 00 e8 05 00 00 00 89 d8 0f 05 f4 31 c0 c3", 0, "exit " },
	{ "behind a call that never returns",
	  "bf 3c 00 00 00 e8 04 00 00 00 f4 0f 1f 00 89 f8 0f 05 f4", 0,
	  "exit " },
	{ "into the midst of an instruction",
	  "b8 3c 00 00 00 eb 01 b8 0f 05 f4", 0, "exit " },
	{ "memory that others may change",
	  "48 c7 44 24 f8 3c 00 00 00 48 89 06 8b 44 24 f8 0f 05 f4", 0,
	  "open " },
	{ "a jump through a table of addresses",
	  "83 ff 01 77 1a ff 24 fd 00 00 50 00 90 90 90 90 "
	  "b8 27 00 00 00 0f 05 f4 90 90 90 90 90 90 90 90 "
	  "b8 3c 00 00 00 0f 05 f4",
	  CODE + 0x10, "getpid exit " },
	{ "a jump that nothing explains", "48 01 c8 ff e0", 0, "open " },
	{ "the 32-bit table", "b8 01 00 00 00 cd 80 f4", 0, "open " },
	{ "sysenter", "b8 01 00 00 00 0f 34 f4", 0, "open " },
	{ "x32", "b8 01 00 00 40 0f 05 f4", 0, "#1073741825 " },
	{ "two sites, one open", "b8 3c 00 00 00 0f 05 8b 07 0f 05 f4", 0,
	  "exit open " },
	{ "xchg", "b9 3c 00 00 00 91 0f 05 f4", 0, "open " },
	{ "a byte register's upper half", "31 c0 b4 01 0f 05 f4", 0, "open " },
	{ "a conditional move from memory",
	  "31 c0 85 ff 0f 44 05 f3 ef 0f 00 0f 05 f4", 0, "open " },
	{ "cpuid", "b8 3c 00 00 00 0f a2 0f 05 f4", 0, "open " },
	{ "rdtsc", "b8 3c 00 00 00 0f 31 0f 05 f4", 0, "open " },
	{ "a string instruction", "b8 3c 00 00 00 ac 0f 05 f4", 0, "open " },
	{ "a multiplication", "b8 3c 00 00 00 f7 e1 0f 05 f4", 0, "open " },
	{ "a vector instruction between",
	  "b8 3c 00 00 00 66 0f ef c0 62 f1 7d 48 ef c0 0f 05 f4", 0, "exit " },
	{ "movd from a vector", "b8 3c 00 00 00 66 0f 7e c0 0f 05 f4", 0,
	  "open " },
	{ "cmpxchg", "b8 3c 00 00 00 f0 0f b1 0f 0f 05 f4", 0, "open " },
};

/* What a branch says of a register, and where it says nothing. */
static const struct row equal_rows[] = {
	{ "zero by a test", "48 85 c0 74 01 f4 0f 05 f4", 0, "read " },
	{ "zero behind a jump that was not made", "48 85 c0 75 02 0f 05 f4", 0,
	  "read " },
	{ "zero on one way, a number on the other",
	  "48 85 c0 74 05 b8 01 00 00 00 0f 05 f4", 0, "read write " },
	{ "zero by a test far away", "48 85 c0 0f 84 01 00 00 00 f4 0f 05 f4",
	  0, "read " },
	{ "a number by a compare", "48 83 f8 3c 74 01 f4 0f 05 f4", 0,
	  "exit " },
	{ "a number by a compare of 32 bits", "83 fa 66 75 04 89 d0 0f 05 f4",
	  0, "getuid " },
	{ "a number by a compare's short form",
	  "3d 01 01 00 00 74 01 f4 0f 05 f4", 0, "openat " },
	{ "a number that is extended", "48 83 f8 ff 74 01 f4 0f 05 f4", 0,
	  "#4294967295 " },
	{ "32 bits are all that the kernel reads", "85 c0 74 01 f4 0f 05 f4", 0,
	  "read " },
	{ "32 bits of which others are made",
	  "85 c0 74 01 f4 48 c1 e8 20 0f 05 f4", 0, "open " },
	{ "64 bits of which others are made",
	  "48 85 c0 74 01 f4 48 c1 e8 20 0f 05 f4", 0, "read " },
	{ "32 bits that are extended",
	  "85 ff 74 01 f4 48 63 c7 48 c1 e8 20 0f 05 f4", 0, "read " },
	{ "moves between test and branch",
	  "48 85 c0 bf 05 00 00 00 48 89 e6 74 01 f4 0f 05 f4", 0, "read " },
	{ "a copy of what is tested",
	  "48 89 c3 48 85 c0 74 01 f4 48 89 d8 0f 05 f4", 0, "read " },
	{ "tested, and kept on the stack", "50 48 85 c0 75 03 58 0f 05 f4", 0,
	  "read " },
	{ "a result that is zero", "48 83 e8 05 74 01 f4 0f 05 f4", 0,
	  "read " },
	{ "a result of two registers", "48 31 f8 74 01 f4 0f 05 f4", 0,
	  "read " },
	{ "counted down to zero", "ff c8 75 02 0f 05 f4", 0, "read " },
	{ "what is computed from it, not it",
	  "48 89 c3 48 83 e8 05 74 01 f4 89 d8 0f 05 f4", 0, "open " },
	{ "part of it set behind the test", "48 85 c0 b0 3c 74 01 f4 0f 05 f4",
	  0, "exit " },
	{ "the other way of je", "48 85 c0 74 02 0f 05 f4", 0, "open " },
	{ "the other way of jne", "48 85 c0 75 01 f4 0f 05 f4", 0, "open " },
	{ "another condition", "48 85 c0 7e 01 f4 0f 05 f4", 0, "open " },
	{ "flags that are set again", "48 85 c0 48 85 ff 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "flags that are counted", "48 85 c0 ff c7 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "flags out of a register", "48 85 db 9e 74 01 f4 89 d8 0f 05 f4", 0,
	  "open " },
	{ "flags of a shift", "48 85 c0 48 d3 e7 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a register that is set again", "48 85 c0 8b 07 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a part that is set again", "48 85 c0 8a 07 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a copy that is made too early",
	  "48 89 c3 48 8b 07 48 85 c0 74 01 f4 89 d8 0f 05 f4", 0, "open " },
	{ "a call between",
	  "48 85 db e8 08 00 00 00 74 01 f4 89 d8 0f 05 f4 c3", 0, "open " },
	{ "a copy that a call spoils",
	  "48 89 d8 e8 09 00 00 00 48 85 db 74 01 f4 0f 05 f4 c3", 0, "open " },
	{ "a copy that the kernel spoils",
	  "b8 01 00 00 00 48 89 d8 83 f8 01 75 07 0f 05 48 85 db 74 "
	  "01 f4 0f 05 f4",
	  0, "write open " },
	{ "a test of 8 bits", "84 c0 74 01 f4 0f 05 f4", 0, "open " },
	{ "a compare of 8 bits", "3c 00 74 01 f4 0f 05 f4", 0, "open " },
	{ "a compare of a second byte", "80 fc 00 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a test of 16 bits", "66 85 c0 74 01 f4 0f 05 f4", 0, "open " },
	{ "a test of another register", "48 85 ff 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a test of two registers", "48 85 f8 74 01 f4 0f 05 f4", 0, "open " },
	{ "a test of some bits", "a9 01 00 00 00 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a compare of two registers", "48 39 f8 74 01 f4 0f 05 f4", 0,
	  "open " },
	{ "a compare of memory", "48 83 38 00 74 01 f4 0f 05 f4", 0, "open " },
	{ "a branch that others jump to",
	  "85 ff 74 03 48 85 c0 74 01 f4 0f 05 f4", 0, "open " },
	{ "a copy that is not made on all ways",
	  "85 ff 74 03 48 89 c3 48 85 c0 74 01 f4 89 d8 0f 05 f4", 0, "open " },
	{ "two tests that end together",
	  "85 ff 74 01 48 85 c0 74 01 f4 0f 05 f4", 0, "open " },
};

static const struct row equal_a64_rows[] = {
	{ "zero by cbz", "48 00 00 b4 20 00 20 d4 01 00 00 d4 20 00 20 d4", 0,
	  "io_setup " },
	{ "zero behind cbnz", "48 00 00 35 01 00 00 d4 20 00 20 d4", 0,
	  "io_setup " },
	{ "zero by tst",
	  "1f 01 08 ea 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "io_setup " },
	{ "a number by cmp",
	  "1f 75 01 71 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "exit " },
	{ "a number by cmp, moves between",
	  "1f fd 00 f1 20 00 80 d2 e0 0f 1f f8 41 00 00 54 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "read " },
	{ "a number that is shifted",
	  "1f 05 40 f1 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "#4096 " },
	{ "a result that is zero",
	  "08 15 00 f1 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "io_setup " },
	{ "a copy of what is looked at",
	  "f3 03 08 aa 48 00 00 b4 20 00 20 d4 e8 03 13 aa 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "io_setup " },
	{ "half of which others are made",
	  "48 00 00 34 20 00 20 d4 08 fd 60 d3 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "the other way of cbz", "48 00 00 b4 01 00 00 d4 20 00 20 d4", 0,
	  "open " },
	{ "the other way of cbnz",
	  "48 00 00 b5 20 00 20 d4 01 00 00 d4 20 00 20 d4", 0, "open " },
	{ "the other way of b.eq",
	  "1f 75 01 f1 40 00 00 54 01 00 00 d4 20 00 20 d4", 0, "open " },
	{ "the other way of b.ne",
	  "1f 75 01 f1 41 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "another condition",
	  "1f 75 01 f1 49 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "one bit", "48 00 00 36 20 00 20 d4 01 00 00 d4 20 00 20 d4", 0,
	  "open " },
	{ "flags that are set again",
	  "1f 75 01 f1 1f 04 00 f1 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
	{ "flags that are set if",
	  "1f 75 01 f1 04 18 41 fa 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
	{ "flags of a sum",
	  "1f 75 01 f1 00 04 00 b1 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
	{ "flags of numbers with a point",
	  "1f 75 01 f1 00 20 61 1e 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
	{ "a register that is set again",
	  "1f 75 01 f1 08 00 40 f9 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
	{ "zero, which is not the stack",
	  "5f 00 00 b4 20 00 20 d4 e8 03 00 91 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "another register", "40 00 00 b4 20 00 20 d4 01 00 00 d4 20 00 20 d4",
	  0, "open " },
	{ "a compare of two registers",
	  "1f 01 00 eb 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "a compare with the opposite",
	  "1f 05 00 b1 40 00 00 54 20 00 20 d4 01 00 00 d4 20 00 20 "
	  "d4",
	  0, "open " },
	{ "a branch that others jump to",
	  "40 00 00 b4 1f 75 01 f1 40 00 00 54 20 00 20 d4 01 00 00 "
	  "d4 20 00 20 d4",
	  0, "open " },
};

static const struct arch *arch_of(const struct image *image)
{
	return image->header.e_machine == EM_AARCH64 ? &arch_aarch64
						     : &arch_x86_64;
}

static void run_row(const struct row *row, uint16_t machine)
{
	struct image image;
	struct derive derive;
	struct err err;
	auto_buf struct buf text = { 0 };

	make_image(&image, row->code, row->data);
	image.header.e_machine = machine;
	const struct program_file file = {
		.name = SLICE("test"),
		.bytes = { (const char *)&image, sizeof(image) },
	};

	if (derive_run(&derive, &file, 1, &err) < 0)
		fail_msg("%s: %s", row->what, err.text);
	describe(&text, &derive, arch_of(&image));
	if (!slice_eq(buf_slice(&text), row->expected))
		print_error("%s: \"%s\", not \"%s\" (%s)\n", row->what, text.at,
			    row->expected,
			    derive.opens.count ? derive.opens.at[0].why : "");
	assert_string_equal(text.at, row->expected);
	derive_close(&derive);
}

#define RUN(rows, machine)                                                \
	do {                                                              \
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) \
			run_row(&(rows)[i], machine);                     \
	} while (0)

static void small_programs(void **state)
{
	(void)state;
	RUN(rows, EM_X86_64);
}

static void what_branches_say(void **state)
{
	(void)state;
	RUN(equal_rows, EM_X86_64);
	RUN(equal_a64_rows, EM_AARCH64);
}

static void an_explanation_begins_at_the_entry(void **state)
{
	struct image image;
	struct derive derive;
	struct err err;
	struct derive_link links[DERIVE_LINKS];

	(void)state;
	make_image(&image, "bf 27 00 00 00 e8 01 00 00 00 f4 89 f8 0f 05 c3",
		   0);
	const struct program_file file = {
		.name = SLICE("test"),
		.bytes = { (const char *)&image, sizeof(image) },
	};

	assert_int_equal(derive_run(&derive, &file, 1, &err), 0);
	const struct derive_call *call = derive_find(&derive, 39);
	uint64_t base = (uint64_t)1 << MODULE_SHIFT;

	assert_non_null(call);
	assert_null(derive_find(&derive, 60));
	assert_true(call->named == base + CODE);
	assert_true(call->site == base + CODE + 13);
	assert_int_equal(derive_chain(links, &derive, call->site), 2);
	assert_int_equal(links[0].kind, REACH_ENTRY);
	assert_true(links[0].to == base + CODE);
	assert_int_equal(links[1].kind, REACH_CALL);
	assert_true(links[1].from == base + CODE + 5);
	assert_true(links[1].to == base + CODE + 11);
	derive_close(&derive);
}

static void no_program(void **state)
{
	struct derive derive;
	struct err err;
	const struct program_file file = { .name = SLICE("x"),
					   .bytes = SLICE("MZ") };

	(void)state;
	assert_int_equal(derive_run(&derive, &file, 1, &err), -1);
	assert_string_equal(err.text, "x: not an ELF file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_programs),
		cmocka_unit_test(what_branches_say),
		cmocka_unit_test(an_explanation_begins_at_the_entry),
		cmocka_unit_test(no_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
