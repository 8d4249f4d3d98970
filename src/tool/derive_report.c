#include "tool/derive_report.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "arch/arch.h"
#include "base/scope.h"
#include "tool/derivation.h"

enum { SHOWN_MAX = 8, LINE_MAX_LEN = 78 };

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

static json_t *calls_of(const struct derive *derive)
{
	json_t *array = json_array();
	uint32_t last = UINT32_MAX;

	for (size_t i = 0; i < derive->calls.count; i++) {
		uint32_t nr = derive->calls.at[i].nr;

		if (nr != last)
			json_array_append_new(array,
					      json_string(arch_syscall_name(
						      &arch_x86_64, nr)));
		last = nr;
	}
	return array;
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

static json_t *notes_of(const struct derive *derive)
{
	json_t *array = json_array();

	for (size_t i = 0; i < derive->notes.count; i++) {
		const struct derive_note *note = &derive->notes.at[i];
		auto_buf struct buf text = { 0 };

		buf_fmt(&text, "%.*s may open %s",
			SLICE_ARGS(note->module->name), note->what);
		json_array_append_new(array, text_of(buf_slice(&text)));
	}
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

void derive_report_add(struct derive_report *report,
		       const struct derivation *derivation)
{
	const struct derive *derive = &derivation->derive;
	json_t *object = json_object();
	json_t *opens = json_array();

	for (size_t i = 0; i < derive->opens.count; i++)
		json_array_append_new(
			opens, open_of(derivation, &derive->opens.at[i]));
	if (!report->programs)
		report->programs = json_array();
	json_object_set_new(
		object, "program",
		text_of(slice_from(derivation->libraries.files.at[0].path)));
	json_object_set_new(object, "status",
			    json_string(derivation_open_count(derivation)
						? "open"
						: "exact"));
	json_object_set_new(object, "calls", calls_of(derive));
	json_object_set_new(object, "unknown_numbers", unknown_of(derive));
	json_object_set_new(object, "open", opens);
	json_object_set_new(object, "notes", notes_of(derive));
	json_object_set_new(object, "files", files_of(derivation));
	json_array_append_new(report->programs, object);
}

static void print_opens(const json_t *opens)
{
	size_t shown = 0;

	for (size_t i = 0; i < json_array_size(opens); i++) {
		const json_t *open = json_array_get(opens, i);
		const char *name = json_string_value(
			json_object_get(open, "name"));

		if (json_is_true(json_object_get(open, "vouched_for")))
			continue;
		if (shown++ >= SHOWN_MAX)
			continue;
		printf("  open: %s: %s%s%s\n",
		       json_string_value(json_object_get(open, "shown")),
		       name ? name : "", name ? ": " : "",
		       json_string_value(json_object_get(open, "why")));
	}
	if (shown > SHOWN_MAX)
		printf("  open: and %zu more; --json has them all\n",
		       shown - SHOWN_MAX);
}

static void print_program(const json_t *object)
{
	json_t *notes = json_object_get(object, "notes");

	printf("%s  %zu calls (%s)  %zu files\n",
	       json_string_value(json_object_get(object, "program")),
	       json_array_size(json_object_get(object, "calls")),
	       json_string_value(json_object_get(object, "status")),
	       json_array_size(json_object_get(object, "files")));
	print_opens(json_object_get(object, "open"));
	for (size_t i = 0; i < json_array_size(notes); i++)
		printf("  note: %s\n",
		       json_string_value(json_array_get(notes, i)));
}

static void print_json(const struct derive_report *report, size_t open_count)
{
	json_t *all = json_object();

	json_object_set_new(all, "status",
			    json_string(open_count ? "open" : "exact"));
	json_object_set(all, "programs", report->programs);
	json_dumpf(all, stdout, JSON_INDENT(2));
	printf("\n");
	json_decref(all);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each program's calls are named once; together they need not be. */
static size_t all_calls(const char ***names, const struct derive_report *report)
{
	size_t count = 0;

	*names = mem_new(DERIVE_NR_MAX *
				 (json_array_size(report->programs) + 1),
			 sizeof(**names));
	for (size_t i = 0; i < json_array_size(report->programs); i++) {
		const json_t *calls = json_object_get(
			json_array_get(report->programs, i), "calls");

		for (size_t n = 0; n < json_array_size(calls); n++)
			(*names)[count++] = json_string_value(
				json_array_get(calls, n));
	}
	qsort(*names, count, sizeof(**names), by_name);
	return count;
}

static void print_calls(const struct derive_report *report)
{
	auto_free const char **names = NULL;
	size_t count = all_calls(&names, report);
	size_t column = 0;

	for (size_t i = 0; i < count; i++) {
		if (i && strcmp(names[i - 1], names[i]) == 0)
			continue;
		if (column && column + strlen(names[i]) + 1 > LINE_MAX_LEN) {
			printf("\n");
			column = 0;
		}
		column += (size_t)printf("%s%s", column ? " " : "", names[i]);
	}
	printf("\n");
}

void derive_report_print(const struct derive_report *report, size_t open_count,
			 bool is_json)
{
	if (is_json) {
		print_json(report, open_count);
		return;
	}
	for (size_t i = 0; i < json_array_size(report->programs); i++)
		print_program(json_array_get(report->programs, i));
	print_calls(report);
}

void derive_report_free(struct derive_report *report)
{
	json_decref(report->programs);
	report->programs = NULL;
}
