/* Views of ELF files: of this very test, and of broken ones made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <elf.h>

#include "base/err.h"
#include "base/io.h"
#include "data/bytes.h"
#include "data/elf_symbol.h"
#include "data/pclntab.h"
#include "data/unwind.h"

enum { SELF_MAX = 256 << 20 };

static char *self;
static size_t self_len;

static int load_self(void **state)
{
	struct err err;

	(void)state;
	return io_load(&self, &self_len, "/proc/self/exe", SELF_MAX, &err);
}

static int free_self(void **state)
{
	(void)state;
	free(self);
	return 0;
}

static struct elf_view view_self(void)
{
	struct elf_view view;
	struct err err;

	if (elf_view_open(&view, (struct slice){ self, self_len }, &err) < 0)
		fail_msg("%s", err.text);
	return view;
}

static void memory_is_where_it_runs(void **state)
{
	struct elf_view view = view_self();
	const struct elf_load *load = elf_view_load(&view, view.entry);
	uint64_t value;

	(void)state;
	assert_non_null(load);
	assert_true(load->flags & PF_X);
	assert_true(elf_view_dynamic(&value, &view, DT_STRTAB));
	assert_true(view.dynsym_count > 10);
	assert_null(elf_view_load(&view, UINT64_MAX));
	assert_int_equal(elf_view_at(&view, UINT64_MAX).len, 0);
	assert_true(view.code_count > 0);
}

static uint64_t symbol_address(const struct elf_view *view, const char *name)
{
	struct elf_symbol symbol;

	for (uint64_t i = 0; elf_symbol_static(&symbol, view, i); i++)
		if (symbol.is_defined && slice_eq(symbol.name, name))
			return symbol.value;
	return 0;
}

struct named {
	uint16_t number;
	struct slice name;
};

static void see_version(void *context, uint16_t number, struct slice name)
{
	struct named *named = context;

	if (number == named->number)
		named->name = name;
}

static void symbols_have_names_and_versions(void **state)
{
	struct elf_view view = view_self();
	struct elf_symbol symbol;
	bool is_found = false;

	(void)state;
	assert_true(symbol_address(&view, "main"));
	for (uint64_t i = 0; i < view.dynsym_count; i++) {
		assert_true(elf_symbol_dynamic(&symbol, &view, i));
		if (!slice_eq(symbol.name, "strtoul") &&
		    !slice_eq(symbol.name, "__libc_start_main"))
			continue;
		struct named named = {
			.number = elf_symbol_version(&view, i),
		};

		elf_version_each(&view, see_version, &named);
		assert_true(slice_has_prefix(named.name, "GLIBC_2."));
		assert_false(elf_symbol_is_hidden(&view, i));
		is_found = true;
	}
	assert_true(is_found);
}

struct search {
	uint64_t wanted;
	size_t count;
	struct unwind_range found;
};

static void see_range(void *context, const struct unwind_range *range)
{
	struct search *search = context;

	search->count++;
	if (range->code.begin == search->wanted)
		search->found = *range;
}

static void unwind_knows_main(void **state)
{
	struct elf_view view = view_self();
	struct search search = { .wanted = symbol_address(&view, "main") };

	(void)state;
	assert_true(unwind_each(&view, see_range, &search));
	assert_true(search.count > 50);
	assert_true(search.found.code.end > search.wanted);
	/* The table and the records one after another are the same. */
	size_t count = search.count;

	view.unwind_header = 0;
	search.count = 0;
	assert_true(view.unwind.end > view.unwind.begin);
	assert_true(unwind_each(&view, see_range, &search));
	assert_true(search.count >= count);
}

static void count_reloc(void *context, const struct elf_reloc *reloc)
{
	(void)reloc;
	++*(size_t *)context;
}

static void packed_relocations(void **state)
{
	/* An address, then a map: the words 1, 3 and 64 behind it. */
	static const uint64_t table[] = { 0x1000, 1 | 1 << 1 | 1 << 3, 3 };
	uint64_t dynamic[] = { 36, 0x100, 35, sizeof(table), 0, 0 };
	size_t count = 0;
	struct elf_view view = {
		.load_count = 1,
		.loads = { { .vaddr = 0x100,
			     .mem_size = sizeof(table),
			     .bytes = { (const char *)table,
					sizeof(table) } } },
		.dynamic = { (const char *)dynamic, sizeof(dynamic) },
	};

	(void)state;
	elf_reloc_each(&view, count_reloc, &count);
	assert_int_equal(count, 4);
}

static void no_go_here(void **state)
{
	struct elf_view view = view_self();
	struct pclntab tab;

	(void)state;
	assert_false(pclntab_find(&tab, &view));
}

static void ignore_range(void *context, const struct unwind_range *range)
{
	(void)context;
	(void)range;
}

static void read_all(struct slice bytes)
{
	struct elf_view view;
	struct elf_symbol symbol;
	struct pclntab tab;
	struct err err;
	size_t count = 0;

	if (elf_view_open(&view, bytes, &err) < 0)
		return;
	unwind_each(&view, ignore_range, NULL);
	elf_reloc_each(&view, count_reloc, &count);
	elf_version_each(&view, see_version, &(struct named){ .number = 2 });
	pclntab_find(&tab, &view);
	for (uint64_t i = 0; i < 200; i++)
		if (elf_symbol_dynamic(&symbol, &view, i))
			elf_symbol_version(&view, i);
}

/* Every header byte turned round, every table cut short: ASan watches. */
static void broken_files(void **state)
{
	struct err err;
	struct elf_view view;

	(void)state;
	for (size_t i = 0; i < 2000; i++) {
		char kept = self[i];

		self[i] = (char)~kept;
		read_all((struct slice){ self, self_len });
		self[i] = kept;
	}
	for (size_t len = 0; len < self_len; len += 1 + self_len / 97) {
		char *copy = malloc(len ? len : 1);

		memcpy(copy, self, len);
		read_all((struct slice){ copy, len });
		free(copy);
	}
	assert_int_equal(elf_view_open(&view, SLICE("\177ELF"), &err), -1);
	assert_string_equal(err.text, "not an ELF file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_where_it_runs),
		cmocka_unit_test(symbols_have_names_and_versions),
		cmocka_unit_test(unwind_knows_main),
		cmocka_unit_test(packed_relocations),
		cmocka_unit_test(no_go_here),
		cmocka_unit_test(broken_files),
	};

	return cmocka_run_group_tests(tests, load_self, free_self);
}
