#include "tool/derived_json.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/elf.h"
#include "seccomp/machine.h"
#include "tool/chain.h"
#include "tool/choices_json.h"

static const char *const kinds[] = {
	[DERIVE_SITE] = "number",
	[DERIVE_FOREIGN] = "foreign",
	[DERIVE_JUMP] = "jump",
	[DERIVE_LOAD] = "library",
};

static json_t *text_of(struct slice text)
{
	auto_free char *clean = mem_text(text);
	json_t *value;

	derivation_clean(clean);
	value = json_string(clean);
	return value ? value : json_string("?");
}

static json_t *place_of(const struct derivation *derivation, uint64_t address)
{
	struct derivation_place place = derivation_place(derivation, address);
	json_t *object = json_object();

	json_object_set_new(object, "file", text_of(slice_from(place.file)));
	json_object_set_new(object, "address",
			    json_integer((json_int_t)place.address));
	if (place.function.len) {
		json_object_set_new(object, "function",
				    text_of(place.function));
		json_object_set_new(object, "offset",
				    json_integer((json_int_t)place.offset));
	}
	return object;
}

static json_t *open_of(const struct derivation *derivation,
		       const struct derive_open *open)
{
	auto_buf struct buf shown = { 0 };
	json_t *object = json_object();

	json_object_set_new(object, "kind", json_string(kinds[open->kind]));
	json_object_set_new(object, "at", place_of(derivation, open->at));
	json_object_set_new(object, "why", json_string(open->why));
	json_object_set_new(object, "why_at",
			    place_of(derivation, open->why_at));
	json_object_set_new(
		object, "vouched_for",
		json_boolean(!derivation_is_open(derivation, open)));
	if (open->name.len)
		json_object_set_new(object, "name", text_of(open->name));
	derivation_print_place(&shown, derivation, open->at);
	if (open->why_at != open->at) {
		buf_text(&shown, ", from ");
		derivation_print_place(&shown, derivation, open->why_at);
	}
	json_object_set_new(object, "shown", text_of(buf_slice(&shown)));
	return object;
}

/*
 * glibc's loader is a program, too, and starts another when it is started by
 * hand; musl's is the libc, whose calls are everybody's.
 */
static bool is_loaders(const struct derivation *derivation, uint64_t site)
{
	const struct module *module = program_module(
		&derivation->derive.program, site);

	return module && module->is_loader &&
	       slice_has_prefix(module->name, "ld-linux");
}

static const struct derive_call *find_start(const struct derivation *derivation)
{
	static const char *const names[] = { "execve", "execveat" };
	const struct derive *derive = &derivation->derive;

	for (size_t n = 0; n < 2; n++) {
		uint32_t nr = (uint32_t)arch_syscall_nr(
			derive->program.machine->arch, slice_from(names[n]));

		for (size_t i = 0; i < derive->calls.count; i++)
			if (derive->calls.at[i].nr == nr &&
			    !is_loaders(derivation, derive->calls.at[i].site))
				return &derive->calls.at[i];
	}
	return NULL;
}

/* How it starts others: lines, or none where it does not. */
static json_t *starts_of(const struct derivation *derivation)
{
	const struct derive_call *call = find_start(derivation);
	json_t *array = json_array();
	auto_buf struct buf text = { 0 };
	struct slice line, rest;

	if (call)
		chain_print(&text, derivation, call);
	rest = buf_slice(&text);
	while (slice_cut(&line, &rest, '\n'))
		json_array_append_new(array, text_of(line));
	return array;
}

static json_t *calls_of(const struct derive *derive)
{
	json_t *array = json_array();
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < derive->calls.count; i++) {
		uint32_t nr = derive->calls.at[i].nr;

		if (nr != last)
			json_array_append_new(
				array,
				json_string(arch_syscall_name(
					derive->program.machine->arch, nr)));
		last = nr;
	}
	return array;
}

static void put_hex(struct buf *out, uint8_t byte)
{
	buf_fmt(out, "%x%x", byte >> 4, byte & 15);
}

static json_t *files_of(const struct derivation *derivation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < derivation->libraries.files.count; i++)
		json_array_append_new(
			array,
			text_of(slice_from(
				derivation->libraries.files.at[i].path)));
	return array;
}

/* What tells each file from another of its name. */
static json_t *parts_of(const struct derivation *derivation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < derivation->libraries.files.count; i++) {
		struct library *file = &derivation->libraries.files.at[i];
		const struct sum *sum = library_sum(file);
		auto_buf struct buf id = { 0 };
		struct elf elf;
		struct err ignored;

		if (elf_parse(&elf, file->bytes, &ignored) == 0)
			for (size_t n = 0; n < elf.build_id.len; n++)
				put_hex(&id, (uint8_t)elf.build_id.at[n]);
		json_array_append_new(
			array,
			json_pack("{s:o,s:o,s:o,s:s,s:s}", "path",
				  text_of(slice_from(file->path)), "real",
				  text_of(slice_from(library_real(file))),
				  "source",
				  text_of(slice_from(library_source(file))),
				  "sha256", sum_hex(sum), "build_id",
				  buf_slice(&id).at));
	}
	choices_add_parts(array, &derivation->choices);
	return array;
}

static json_t *notes_of(const struct derivation *derivation)
{
	const struct derive *derive = &derivation->derive;
	json_t *array = json_array();

	for (size_t i = 0; i < derive->notes.count; i++) {
		const struct derive_note *note = &derive->notes.at[i];
		auto_buf struct buf text = { 0 };

		buf_fmt(&text, "%.*s may open %s",
			SLICE_ARGS(note->module->name), note->what);
		json_array_append_new(array, text_of(buf_slice(&text)));
	}
	choices_add_notes(array, derivation);
	return array;
}

static json_t *unknown_of(const struct derive *derive)
{
	json_t *array = json_array();

	for (size_t i = 0; i < derive->unknown.count; i++)
		json_array_append_new(array,
				      json_integer(derive->unknown.at[i]));
	return array;
}

static json_t *opens_of(const struct derivation *derivation)
{
	const struct derive *derive = &derivation->derive;
	json_t *array = json_array();

	for (size_t i = 0; i < derive->opens.count; i++)
		json_array_append_new(
			array, open_of(derivation, &derive->opens.at[i]));
	return array;
}

json_t *derived_json(const struct derivation *derivation)
{
	const char *path = derivation->libraries.files.at[0].path;
	size_t open_count = derivation_open_count(derivation);

	return json_pack("{s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
			 "program", text_of(slice_from(path)), "arch",
			 derivation->derive.program.machine->arch->name,
			 "status", open_count ? "open" : "exact", "calls",
			 calls_of(&derivation->derive), "unknown_numbers",
			 unknown_of(&derivation->derive), "open",
			 opens_of(derivation), "notes", notes_of(derivation),
			 "files", files_of(derivation), "starts",
			 starts_of(derivation), "parts", parts_of(derivation),
			 "chosen", choices_shown(derivation));
}
