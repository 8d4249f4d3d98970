#include <elf.h>
#include <endian.h>

#include "data/bytes.h"
#include "seccomp/reach_parts.h"

enum { NAME_MIN = 2, NAME_MAX = 128 };

static bool may_begin(char c)
{
	return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Every function of that name: dlsym(3) may ask any module for it. */
static void see_text(struct reach *reach, struct slice text, uint64_t address)
{
	const struct definition *d = NULL;

	if (text.len < NAME_MIN || !may_begin(text.at[0]))
		return;
	while ((d = program_named(reach->program, text, d))) {
		if (reach->has_texts)
			reach_link_definition(reach, d, address, REACH_NAME);
		else
			LIST_ADD(&reach->names,
				 reach_edge(d->address, address, REACH_NAME));
	}
}

/* The tables of names that the loader and Go keep are no text of a program. */
static bool is_table(const struct module *module, uint64_t address)
{
	const struct elf_range *names = &module->view.dynstr_range;
	const struct elf_range *go = &module->go.range;

	address -= module->base;
	return (address >= names->begin && address < names->end) ||
	       (module->is_go && address >= go->begin && address < go->end);
}

/* libc looks up by name only what it has opened by itself. */
static bool is_libc(const struct module *module)
{
	return module->is_loader || slice_has_prefix(module->name, "libc.so");
}

void reach_name(struct reach *reach, const struct module *module,
		uint64_t address)
{
	struct slice bytes = module_bytes(module, address);

	if (!bytes.len || !may_begin(bytes.at[0]) ||
	    is_table(module, address) || is_libc(module))
		return;
	see_text(reach, bytes_text(bytes_first(bytes, NAME_MAX), 0), address);
}

/* The highest bit of each byte that is zero. */
static uint64_t zero_bytes(uint64_t word)
{
	const uint64_t low = 0x7f7f7f7f7f7f7f7f;

	return ~(((word & low) + low) | word | low);
}

/* Eight bytes, and what is no zero byte behind the last. */
static uint64_t word_at(struct slice bytes, size_t at)
{
	size_t len = bytes.len - at < 8 ? bytes.len - at : 8;
	uint64_t word = UINT64_MAX;

	memcpy(&word, bytes.at + at, len);
	return le64toh(word);
}

/* Whole texts: what lies between two zero bytes. */
static void scan_load(struct reach *reach, const struct module *module,
		      const struct elf_load *load)
{
	struct slice bytes = load->bytes;
	size_t begin = 0;

	for (size_t i = 0; i < bytes.len; i += 8) {
		uint64_t zeros = zero_bytes(word_at(bytes, i));

		for (; zeros; zeros &= zeros - 1) {
			size_t end = i + (size_t)__builtin_ctzll(zeros) / 8;
			struct slice text = { bytes.at + begin, end - begin };
			uint64_t address = module->base + load->vaddr + begin;

			begin = end + 1;
			if (text.len >= NAME_MIN && text.len <= NAME_MAX &&
			    may_begin(text.at[0]) && !is_table(module, address))
				see_text(reach, text, address);
		}
	}
}

void reach_add_name(struct reach *reach, struct slice name, uint64_t from)
{
	const struct definition *d = NULL;

	while ((d = program_named(reach->program, name, d)))
		reach_link_definition(reach, d, from, REACH_NAME);
}

void reach_add_texts(struct reach *reach)
{
	/* Nothing more comes of them: what is linked stays so. */
	if (reach->has_texts)
		return;
	reach->has_texts = true;
	for (size_t i = 0; i < reach->names.count; i++)
		reach_link(reach, reach->names.at[i].to,
			   reach->names.at[i].from, REACH_NAME);
	for (size_t i = 0; i < reach->program->modules.count; i++) {
		const struct module *module = &reach->program->modules.at[i];

		for (unsigned n = 0;
		     n < module->view.load_count && !is_libc(module); n++)
			scan_load(reach, module, &module->view.loads[n]);
	}
}
