#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "data/elf_section.h"
#include "data/goinfo.h"

#define SENTINEL "0123456789abcdef"

/* The header of Go's note: magic, pointer size, flags, and room. */
static void add_header(struct buf *out, size_t pad, char flags)
{
	static const char zeros[64];
	static const char magic[] = "\xff Go buildinf:\b";

	buf_add(out, zeros, pad);
	buf_add(out, magic, sizeof(magic) - 1);
	buf_add(out, &flags, 1);
	buf_add(out, zeros, 16);
}

static void add_text(struct buf *out, const char *text)
{
	size_t len = strlen(text);

	do {
		char byte = (char)((len & 0x7f) | (len > 0x7f ? 0x80 : 0));

		buf_add(out, &byte, 1);
		len >>= 7;
	} while (len);
	buf_text(out, text);
}

static const char modules[] = SENTINEL
	"path\texample.org/x\n"
	"mod\texample.org/x\t(devel)\t\n"
	"dep\tgolang.org/x/sys\tv0.1.0\th1:aaa=\n"
	"dep\told.example/y\tv1.0.0\n"
	"=>\tnew.example/y\tv1.2.3\th1:bbb=\n"
	"build\t-compiler=gc\n" SENTINEL;

static void modules_are_listed_and_replaced_ones_replaced(void **state)
{
	static const char *const wanted[][2] = {
		{ "example.org/x", "(devel)" },
		{ "golang.org/x/sys", "v0.1.0" },
		{ "new.example/y", "v1.2.3" },
	};
	auto_buf struct buf file = { 0 };
	struct goinfo info;
	struct goinfo_module module;

	(void)state;
	/* One that is not aligned is somebody's text. */
	add_header(&file, 5, 2);
	add_header(&file, 64 - file.len % 16, 2);
	add_text(&file, "go1.19.8");
	add_text(&file, modules);
	assert_true(goinfo_find(&info, buf_slice(&file)));
	assert_true(slice_eq(info.version, "go1.19.8"));
	for (size_t i = 0; i < 3; i++) {
		assert_true(goinfo_module(&module, &info.modules));
		assert_true(slice_eq(module.path, wanted[i][0]));
		assert_true(slice_eq(module.version, wanted[i][1]));
		assert_int_equal(module.is_main, i == 0);
	}
	assert_false(goinfo_module(&module, &info.modules));
}

static void what_is_cut_off_or_old_is_not_found(void **state)
{
	auto_buf struct buf file = { 0 };
	struct goinfo info;

	(void)state;
	add_header(&file, 16, 0);
	add_text(&file, "go1.17");
	assert_false(goinfo_find(&info, buf_slice(&file)));
	file.len = 0;
	add_header(&file, 16, 2);
	assert_false(goinfo_find(&info, buf_slice(&file)));
	add_text(&file, "go1.19.8");
	assert_true(goinfo_find(&info, buf_slice(&file)));
	assert_int_equal(info.modules.len, 0);
	file.len--;
	assert_false(goinfo_find(&info, buf_slice(&file)));
}

static void a_section_is_found_by_name(void **state)
{
	auto_buf struct buf file = { 0 };
	char step[65536];
	struct slice section;
	FILE *own = fopen("/proc/self/exe", "rb");
	size_t n;

	(void)state;
	assert_non_null(own);
	while ((n = fread(step, 1, sizeof(step), own)) > 0)
		buf_add(&file, step, n);
	fclose(own);
	assert_true(elf_section_find(&section, buf_slice(&file), ".interp"));
	assert_memory_equal(section.at, "/lib", 4);
	assert_false(elf_section_find(&section, buf_slice(&file), ".bss"));
	assert_false(elf_section_find(&section, buf_slice(&file), ".none"));
	file.len = 100;
	assert_false(elf_section_find(&section, buf_slice(&file), ".interp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modules_are_listed_and_replaced_ones_replaced),
		cmocka_unit_test(what_is_cut_off_or_old_is_not_found),
		cmocka_unit_test(a_section_is_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
