#include "tool/derived.h"

#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "data/elf.h"
#include "image/sum.h"
#include "seccomp/machine.h"
#include "tool/cache.h"
#include "tool/chain.h"
#include "tool/choices_json.h"
#include "tool/derivation.h"

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

/* Where the path leads, if to another one. */
static const char *real_of(const struct library *file)
{
	return file->place && strcmp(file->place, file->path) != 0 ? file->place
								   : "";
}

/* Where it is on this machine. */
static const char *source_of(const struct library *file)
{
	return file->real ? file->real : file->file ? file->file : "";
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
				  text_of(slice_from(real_of(file))), "source",
				  text_of(slice_from(source_of(file))),
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

static json_t *make(const struct derivation *derivation)
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

/*
 * What the result depends on: the files, in their order, and who analyses.
 * A pith that was built again is another one, of whatever version.
 */
static struct sum key_of(const struct derivation *derivation)
{
	const struct libraries *libraries = &derivation->libraries;
	auto_buf struct buf text = { 0 };
	struct stat st = { 0 };

	stat("/proc/self/exe", &st);
	buf_fmt(&text, "pith %s %llu %lld.%ld %d\n", PITH_VERSION,
		(unsigned long long)st.st_size, (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, derivation->is_complete);
	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		buf_fmt(&text, "%s %d%d ", library_sum(file)->text,
			file->is_whole, file->is_loader);
		buf_add(&text, file->path, strlen(file->path) + 1);
		buf_add(&text, file->name, strlen(file->name) + 1);
		buf_add(&text, real_of(file), strlen(real_of(file)) + 1);
		buf_add(&text, source_of(file), strlen(source_of(file)) + 1);
	}
	choices_print_key(&text, &derivation->choices);
	return sum_of(buf_slice(&text));
}

/* Whoever wrote it: what the rest of the tool counts on must be there. */
static bool is_valid(const json_t *derived)
{
	static const char *const arrays[] = { "calls", "unknown_numbers",
					      "open",  "notes",
					      "files", "starts",
					      "parts", "chosen" };
	const json_t *calls = json_object_get(derived, "calls");

	if (!derived_arch(derived))
		return false;
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (!json_is_array(json_object_get(derived, arrays[i])))
			return false;
	for (size_t i = 0; i < json_array_size(calls); i++)
		if (!json_is_string(json_array_get(calls, i)))
			return false;
	return json_is_string(json_object_get(derived, "program")) &&
	       json_is_string(json_object_get(derived, "status"));
}

/*
 * What is kept of a state is the result, or what has to be known for the next
 * state: whether its libraries are there, and which. Returns 1 for the result
 * in *out, 0 for none, and -1.
 */
static int find_cached(json_t **out, struct derivation *derivation,
		       struct err *err)
{
	int got = 1;

	*out = NULL;
	for (int i = 0; got > 0 && i < DERIVATION_ROUNDS; i++) {
		auto_buf struct buf text = { 0 };
		struct sum key = key_of(derivation);

		if (!cache_load(&text, "derive", sum_hex(&key)))
			return 0;
		*out = json_loadb(text.at, text.len, 0, NULL);
		if (*out && is_valid(*out))
			return 1;
		json_decref(*out);
		*out = NULL;
		got = choices_load_asks(derivation, buf_slice(&text), err);
	}
	return got < 0 ? -1 : 0;
}

static void keep(const json_t *derived, const struct derivation *derivation)
{
	struct sum key = key_of(derivation);
	char *text = json_dumps(derived, JSON_COMPACT);

	if (text)
		cache_save("derive", sum_hex(&key), slice_from(text));
	free(text);
}

/* One analysis, and what it asks for; *is_kept: that could be kept. */
static int step(bool *is_news, bool *is_kept, struct derivation *derivation,
		struct err *err)
{
	struct sum key = key_of(derivation);
	auto_buf struct buf asks = { 0 };

	if (derivation_analyse(derivation, err) < 0)
		return -1;
	*is_kept = choices_save_asks(&asks, derivation);
	if (asks.len)
		cache_save("derive", sum_hex(&key), buf_slice(&asks));
	return derivation_answer(is_news, derivation, err);
}

static int run(json_t **out, struct derivation *derivation, struct err *err)
{
	bool is_news = true, is_kept = true;
	int got = find_cached(out, derivation, err);

	if (got < 0) {
		derivation_clean(err->text);
		derivation_close(derivation);
		return -1;
	}
	for (int i = 0; !got && is_news && i < DERIVATION_ROUNDS; i++)
		if (step(&is_news, &is_kept, derivation, err) < 0)
			return -1;
	if (!got && is_news)
		derivation_give_up(derivation);
	if (!got)
		*out = make(derivation);
	if (!got && *out && is_kept)
		keep(*out, derivation);
	derivation_close(derivation);
	return *out ? 0 : err_set(err, 0, "a name that is not UTF-8");
}

int derived_make(json_t **out, struct libraries *libraries, bool is_complete,
		 struct err *err)
{
	struct derivation derivation;

	derivation_begin(&derivation, libraries, is_complete);
	return run(out, &derivation, err);
}

const struct arch *derived_arch(const json_t *derived)
{
	const char *name = json_string_value(json_object_get(derived, "arch"));

	return name ? arch_by_name(slice_from(name)) : NULL;
}

void derived_calls(bool *calls, const json_t *derived)
{
	const json_t *names = json_object_get(derived, "calls");
	const struct arch *arch = derived_arch(derived);

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		int nr = arch_syscall_nr(arch, slice_from(name));

		if (nr >= 0 && nr < DERIVE_NR_MAX)
			calls[nr] = true;
	}
}

size_t derived_open_count(const json_t *derived)
{
	const json_t *opens = json_object_get(derived, "open");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(opens); i++)
		count += !json_is_true(json_object_get(json_array_get(opens, i),
						       "vouched_for"));
	return count;
}
