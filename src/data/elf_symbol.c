#include "data/elf_symbol.h"

#include <elf.h>

#include "data/bytes.h"

enum {
	SYMBOL_SIZE = 24,
	RELA_SIZE = 24,
	VERSION_MASK = 0x7fff,
	/* Records of a version table looked at: libc has about fifty. */
	VERSIONS_MAX = 4096,
};

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR	  36
#endif

static bool symbol_at(struct elf_symbol *out, struct slice table,
		      struct slice names, uint64_t i)
{
	uint64_t at;

	if (__builtin_mul_overflow(i, SYMBOL_SIZE, &at) ||
	    !bytes_hold(table, at, SYMBOL_SIZE))
		return false;
	uint8_t info = (uint8_t)bytes_number(table, at + 4, 1);

	*out = (struct elf_symbol){
		.name = bytes_text(names, bytes_number(table, at, 4)),
		.value = bytes_number(table, at + 8, 8),
		.size = bytes_number(table, at + 16, 8),
		.type = info & 0xf,
		.bind = info >> 4,
		.is_defined = bytes_number(table, at + 6, 2) != SHN_UNDEF,
	};
	return true;
}

bool elf_symbol_dynamic(struct elf_symbol *out, const struct elf_view *view,
			uint64_t i)
{
	return symbol_at(out, view->dynsym, view->dynstr, i);
}

bool elf_symbol_static(struct elf_symbol *out, const struct elf_view *view,
		       uint64_t i)
{
	return symbol_at(out, view->symtab, view->strtab, i);
}

static uint64_t version_word(const struct elf_view *view, uint64_t i)
{
	return bytes_number(view->versym, 2 * i, 2);
}

uint16_t elf_symbol_version(const struct elf_view *view, uint64_t i)
{
	return (uint16_t)(version_word(view, i) & VERSION_MASK);
}

bool elf_symbol_is_hidden(const struct elf_view *view, uint64_t i)
{
	return version_word(view, i) & ~(uint64_t)VERSION_MASK;
}

struct versions {
	const struct elf_view *view;
	void (*visit)(void *context, uint16_t number, struct slice name);
	void *context;
	unsigned budget; /* records still looked at, however they are linked */
};

static void see_version(const struct versions *versions, uint64_t number,
			uint64_t name)
{
	versions->visit(versions->context, (uint16_t)number & VERSION_MASK,
			bytes_text(versions->view->dynstr, name));
}

/* A definition's first name record is the version's own name. */
static void each_defined(struct versions *versions)
{
	struct slice table;
	uint64_t address, next;

	if (!elf_view_dynamic(&address, versions->view, DT_VERDEF))
		return;
	table = elf_view_at(versions->view, address);
	for (; table.len && versions->budget; versions->budget--) {
		uint64_t aux = bytes_number(table, 12, 4);

		see_version(versions, bytes_number(table, 4, 2),
			    bytes_number(table, aux, 4));
		next = bytes_number(table, 16, 4);
		if (!next)
			break;
		table = bytes_from(table, next);
	}
}

/* Each needed file has a list of the versions wanted of it. */
static void each_needed(struct versions *versions)
{
	struct slice table;
	uint64_t address, next;

	if (!elf_view_dynamic(&address, versions->view, DT_VERNEED))
		return;
	table = elf_view_at(versions->view, address);
	for (; table.len && versions->budget; versions->budget--) {
		uint64_t count = bytes_number(table, 2, 2);
		struct slice aux = bytes_from(table, bytes_number(table, 8, 4));

		for (; count && aux.len && versions->budget; count--) {
			versions->budget--;
			see_version(versions, bytes_number(aux, 6, 2),
				    bytes_number(aux, 8, 4));
			aux = bytes_from(aux, bytes_number(aux, 12, 4));
		}
		next = bytes_number(table, 12, 4);
		if (!next)
			break;
		table = bytes_from(table, next);
	}
}

void elf_version_each(const struct elf_view *view,
		      void (*visit)(void *context, uint16_t number,
				    struct slice name),
		      void *context)
{
	struct versions versions = { view, visit, context, VERSIONS_MAX };

	each_defined(&versions);
	each_needed(&versions);
}

static enum elf_reloc_kind kind_of(const struct elf_view *view, uint32_t type)
{
	static const struct {
		uint16_t machine;
		uint16_t type;
		enum elf_reloc_kind kind;
	} kinds[] = {
		{ EM_X86_64, R_X86_64_64, RELOC_SYMBOL },
		{ EM_X86_64, R_X86_64_GLOB_DAT, RELOC_GOT },
		{ EM_X86_64, R_X86_64_JUMP_SLOT, RELOC_PLT },
		{ EM_X86_64, R_X86_64_RELATIVE, RELOC_RELATIVE },
		{ EM_X86_64, R_X86_64_IRELATIVE, RELOC_RESOLVER },
		{ EM_AARCH64, R_AARCH64_ABS64, RELOC_SYMBOL },
		{ EM_AARCH64, R_AARCH64_GLOB_DAT, RELOC_GOT },
		{ EM_AARCH64, R_AARCH64_JUMP_SLOT, RELOC_PLT },
		{ EM_AARCH64, R_AARCH64_RELATIVE, RELOC_RELATIVE },
		{ EM_AARCH64, R_AARCH64_IRELATIVE, RELOC_RESOLVER },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].machine == view->machine && kinds[i].type == type)
			return kinds[i].kind;
	return RELOC_OTHER;
}

struct visitor {
	const struct elf_view *view;
	void (*visit)(void *context, const struct elf_reloc *reloc);
	void *context;
};

static void visit_rela(const struct visitor *visitor, struct slice table)
{
	for (uint64_t at = 0; bytes_hold(table, at, RELA_SIZE);
	     at += RELA_SIZE) {
		uint64_t info = bytes_number(table, at + 8, 8);
		struct elf_reloc reloc = {
			.offset = bytes_number(table, at, 8),
			.kind = kind_of(visitor->view, (uint32_t)info),
			.symbol = (uint32_t)(info >> 32),
			.addend = (int64_t)bytes_number(table, at + 16, 8),
		};

		visitor->visit(visitor->context, &reloc);
	}
}

static void visit_relative(const struct visitor *visitor, uint64_t address)
{
	struct elf_reloc reloc = {
		.offset = address,
		.kind = RELOC_RELATIVE,
		.addend = (int64_t)bytes_number(
			elf_view_at(visitor->view, address), 0, 8),
	};

	visitor->visit(visitor->context, &reloc);
}

/* An even word is an address; an odd one says which of the next 63 follow. */
static void visit_relr(const struct visitor *visitor)
{
	struct slice table = elf_view_table(visitor->view, DT_RELR, DT_RELRSZ);
	uint64_t address = 0;

	for (uint64_t at = 0; bytes_hold(table, at, 8); at += 8) {
		uint64_t word = bytes_number(table, at, 8);

		if (!(word & 1)) {
			visit_relative(visitor, word);
			address = word + 8;
			continue;
		}
		for (int bit = 1; bit < 64; bit++)
			if (word >> bit & 1)
				visit_relative(visitor,
					       address + 8 * (bit - 1));
		address += (uint64_t)63 * 8;
	}
}

void elf_reloc_each(const struct elf_view *view,
		    void (*visit)(void *context, const struct elf_reloc *reloc),
		    void *context)
{
	const struct visitor visitor = { view, visit, context };

	visit_rela(&visitor, elf_view_table(view, DT_RELA, DT_RELASZ));
	visit_rela(&visitor, elf_view_table(view, DT_JMPREL, DT_PLTRELSZ));
	visit_relr(&visitor);
}
