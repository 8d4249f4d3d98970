#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "base/err.h"
#include "data/elf.h"

/* A small dynamic program, laid out as the linker would. */
struct image64 {
	Elf64_Ehdr header;
	Elf64_Phdr segments[4];
	char interpreter[16];
	Elf64_Dyn dynamic[6];
	char strings[32];
	struct {
		Elf64_Nhdr header;
		char name[4];
		char id[8];
	} note;
};

enum { BASE = 0x400000 };

static Elf64_Phdr segment(uint32_t type, size_t at, size_t size)
{
	return (Elf64_Phdr){ .p_type = type,
			     .p_offset = at,
			     .p_vaddr = BASE + at,
			     .p_filesz = size,
			     .p_memsz = size,
			     .p_align = 4 };
}

#define SEGMENT(type, field)                           \
	segment(type, offsetof(struct image64, field), \
		sizeof(((struct image64 *)0)->field))

static struct image64 dynamic_program(void)
{
	return (struct image64){
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_DYN,
			.e_machine = EM_X86_64,
			.e_entry = BASE + 0x100,
			.e_phoff = offsetof(struct image64, segments),
			.e_phentsize = sizeof(Elf64_Phdr),
			.e_phnum = 4,
		},
		.segments = {
			segment(PT_LOAD, 0, sizeof(struct image64)),
			SEGMENT(PT_INTERP, interpreter),
			SEGMENT(PT_DYNAMIC, dynamic),
			SEGMENT(PT_NOTE, note),
		},
		.interpreter = "/lib/ld.so",
		.dynamic = {
			{ DT_NEEDED, { 1 } },
			{ DT_NEEDED, { 6 } },
			{ DT_RUNPATH, { 11 } },
			{ DT_STRTAB,
			  { BASE + offsetof(struct image64, strings) } },
			{ DT_STRSZ, { 32 } },
			{ DT_NULL, { 0 } },
		},
		.strings = "\0libc\0libm\0$ORIGIN",
		.note = { { 4, 8, NT_GNU_BUILD_ID }, "GNU", "buildid" },
	};
}

static int parse(struct elf *out, const void *bytes, size_t len,
		 struct err *err)
{
	/* Memory of its own, so that ASan sees a step past the end. */
	char *copy = malloc(len ? len : 1);
	int result;

	if (len)
		memcpy(copy, bytes, len);
	memset(err, 0, sizeof(*err));
	result = elf_parse(out, (struct slice){ copy, len }, err);
	free(copy);
	return result;
}

static void a_dynamic_program_names_what_it_needs(void **state)
{
	struct image64 image = dynamic_program();
	struct elf elf;
	struct err err;

	(void)state;
	assert_int_equal(
		elf_parse(&elf, (struct slice){ (char *)&image, sizeof(image) },
			  &err),
		0);
	assert_int_equal(elf.machine, EM_X86_64);
	assert_int_equal(elf.bits, ELFCLASS64);
	assert_int_equal(elf.type, ET_DYN);
	assert_int_equal(elf.entry, BASE + 0x100);
	assert_true(slice_eq(elf.interpreter, "/lib/ld.so"));
	assert_int_equal(elf.needed_count, 2);
	assert_true(slice_eq(elf.needed[0], "libc"));
	assert_true(slice_eq(elf.needed[1], "libm"));
	assert_true(slice_eq(elf.runpath, "$ORIGIN"));
	assert_int_equal(elf.build_id.len, 8);
	assert_memory_equal(elf.build_id.at, "buildid", 8);
	assert_false(elf_is_static(&elf));
}

static void static_pie_has_a_dynamic_section_and_is_static(void **state)
{
	struct image64 image = dynamic_program();
	struct elf elf;
	struct err err;

	(void)state;
	image.segments[1].p_type = PT_NULL;
	image.dynamic[0].d_tag = image.dynamic[1].d_tag = DT_DEBUG;
	assert_int_equal(parse(&elf, &image, sizeof(image), &err), 0);
	assert_true(elf.is_dynamic);
	assert_true(elf_is_static(&elf));
}

static void the_32_bit_class_is_read(void **state)
{
	struct {
		Elf32_Ehdr header;
		Elf32_Phdr segment;
		char interpreter[8];
	} image = {
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32,
				     ELFDATA2LSB, EV_CURRENT },
			.e_type = ET_EXEC,
			.e_machine = EM_ARM,
			.e_entry = 0x10000,
			.e_phoff = sizeof(Elf32_Ehdr),
			.e_phentsize = sizeof(Elf32_Phdr),
			.e_phnum = 1,
		},
		.segment = { .p_type = PT_INTERP,
			     .p_offset = sizeof(Elf32_Ehdr) +
					 sizeof(Elf32_Phdr),
			     .p_filesz = 8 },
		.interpreter = "/ld.so",
	};
	struct elf elf;
	struct err err;

	(void)state;
	assert_int_equal(parse(&elf, &image, sizeof(image), &err), 0);
	assert_int_equal(elf.machine, EM_ARM);
	assert_int_equal(elf.entry, 0x10000);
	assert_int_equal(elf.interpreter.len, 6);
}

/* Whatever is cut off is missed: no shorter file passes. */
static void every_truncation_is_an_error(void **state)
{
	struct image64 image = dynamic_program();
	struct elf elf;
	struct err err;

	(void)state;
	for (size_t len = 0; len < sizeof(image); len++) {
		assert_int_equal(parse(&elf, &image, len, &err), -1);
		assert_true(err.text[0]);
	}
}

/* Each byte set to each of a few values: no crash, and 0 or a message. */
static void every_changed_byte_is_survived(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct elf elf;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(struct image64); i++)
		for (size_t v = 0; v < sizeof(values); v++) {
			struct image64 image = dynamic_program();

			((unsigned char *)&image)[i] = values[v];
			if (parse(&elf, &image, sizeof(image), &err) < 0)
				assert_true(err.text[0]);
		}
}

static void expect(struct image64 *image, const char *message)
{
	struct elf elf;
	struct err err;

	assert_int_equal(parse(&elf, image, sizeof(*image), &err), -1);
	assert_string_equal(err.text, message);
}

static void hostile_fields_have_their_messages(void **state)
{
	struct image64 image = dynamic_program();

	(void)state;
	image.header.e_ident[0] = 0;
	expect(&image, "not an ELF file");
	image = dynamic_program();
	image.header.e_ident[EI_CLASS] = 9;
	expect(&image, "ELF class 9 is not known");
	image = dynamic_program();
	image.header.e_ident[EI_DATA] = ELFDATA2MSB;
	expect(&image, "a big-endian ELF file");
	image = dynamic_program();
	image.header.e_phoff = UINT64_MAX - 8;
	expect(&image, "truncated ELF file (segment table)");
	image = dynamic_program();
	image.header.e_phnum = 0xffff;
	expect(&image, "too many ELF segments");
	image = dynamic_program();
	image.header.e_phentsize = 8;
	expect(&image, "truncated ELF file (segment table)");
	image = dynamic_program();
	image.segments[1].p_offset = UINT64_MAX;
	expect(&image, "truncated ELF file (segment 1 ends past it)");
	image = dynamic_program();
	image.dynamic[0].d_un.d_val = UINT64_MAX;
	expect(&image, "a name outside the ELF string table");
	image = dynamic_program();
	image.dynamic[3].d_un.d_ptr = UINT64_MAX;
	expect(&image, "a name outside the ELF string table");
	image = dynamic_program();
	image.dynamic[4].d_un.d_val = 8;
	expect(&image, "an endless name in the ELF file");
	image = dynamic_program();
	memset(image.interpreter, 'x', sizeof(image.interpreter));
	expect(&image, "a broken interpreter name in the ELF file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dynamic_program_names_what_it_needs),
		cmocka_unit_test(
			static_pie_has_a_dynamic_section_and_is_static),
		cmocka_unit_test(the_32_bit_class_is_read),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(every_changed_byte_is_survived),
		cmocka_unit_test(hostile_fields_have_their_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
