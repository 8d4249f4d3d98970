#include "tool/derive_report.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/scope.h"
#include "seccomp/derive.h"

enum { SHOWN_MAX = 8, LINE_MAX_LEN = 78 };

void derive_report_add(struct derive_report *report, json_t *derived)
{
	if (!report->programs)
		report->programs = json_array();
	json_array_append(report->programs, derived);
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

static void print_names(const char *before, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		const char *slash = strrchr(name, '/');

		printf("%s%s", i ? " " : before, slash ? slash + 1 : name);
	}
}

/* Which libraries it opens at run time, and which it would if they were. */
static void print_chosen(const json_t *choice)
{
	const char *what = json_string_value(json_object_get(choice, "what"));
	const char *read = json_string_value(json_object_get(choice, "read"));
	const json_t *found = json_object_get(choice, "found");
	json_int_t inert = json_integer_value(json_object_get(choice, "inert"));

	printf("  opens: %s: %s",
	       json_string_value(json_object_get(choice, "by")), what);
	if (read && *read)
		printf(" (%s)", read);
	print_names(": ", found);
	if (inert)
		printf("%s%lld that call nothing",
		       json_array_size(found) ? " and " : ": ",
		       (long long)inert);
	print_names("; not there: ", json_object_get(choice, "absent"));
	printf("\n");
}

static void print_program(const json_t *object)
{
	json_t *chosen = json_object_get(object, "chosen");
	json_t *notes = json_object_get(object, "notes");

	printf("%s  %zu calls (%s)  %zu files\n",
	       json_string_value(json_object_get(object, "program")),
	       json_array_size(json_object_get(object, "calls")),
	       json_string_value(json_object_get(object, "status")),
	       json_array_size(json_object_get(object, "files")));
	print_opens(json_object_get(object, "open"));
	for (size_t i = 0; i < json_array_size(chosen); i++)
		print_chosen(json_array_get(chosen, i));
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
