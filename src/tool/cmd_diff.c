/* pith diff: what differs between two images. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "image/diff.h"
#include "tool/args.h"
#include "tool/compare.h"
#include "tool/print.h"
#include "tool/tool.h"

const struct args_option diff_options[] = {
	{ "json", 'j', NULL, "for programs" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

struct printer {
	bool is_json;
	size_t count; /* of differences told */
};

/* A line each, so that the whole is never in memory. */
static void print_json(const struct diff_change *change, bool is_first)
{
	json_t *json = json_pack(
		"{s:s,s:o,s:s,s:o,s:o}", "part", change->part, "subject",
		print_json_text(change->subject), "field", change->field, "a",
		print_json_text(change->a), "b", print_json_text(change->b));

	printf("%s\n    ", is_first ? "" : ",");
	json_dumpf(json, stdout, 0);
	json_decref(json);
}

static void tell(void *to, const struct diff_change *change)
{
	struct printer *printer = to;

	if (printer->is_json)
		print_json(change, printer->count == 0);
	else
		compare_print(change);
	printer->count++;
}

static void print_head(const struct compare_side *a,
		       const struct compare_side *b)
{
	json_t *names = json_array();

	json_array_append_new(names, print_json_text(a->subject.path));
	json_array_append_new(names, print_json_text(b->subject.path));
	printf("{\n  \"images\": ");
	json_dumpf(names, stdout, 0);
	printf(",\n  \"changes\": [");
	json_decref(names);
}

static int compare(struct printer *printer, struct compare_side *a,
		   struct compare_side *b, struct err *err)
{
	const struct diff_sink sink = { tell, printer };

	if (printer->is_json)
		print_head(a, b);
	if (compare_sides(&sink, a, b, err) < 0)
		return -1;
	if (printer->is_json)
		printf("%s]\n}\n", printer->count ? "\n  " : "");
	return printer->count != 0;
}

static int diff(struct printer *printer, char *const *paths,
		const struct arch *arch, struct err *err)
{
	struct compare_side a = { 0 };
	struct compare_side b = { .subject.reader.fd = -1 };
	int result = compare_open(&a, paths[0], arch, err);

	if (result == 0)
		result = compare_open(&b, paths[1], arch, err);
	if (result == 0)
		result = compare(printer, &a, &b, err);
	compare_close(&a);
	compare_close(&b);
	/* Not main's to find: its status for that is an answer here. */
	if (result >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		result = err_set(err, errno, "write standard output");
	return result < 0 ? TOOL_TROUBLE : result;
}

int cmd_diff(int argc, char **argv, struct err *err)
{
	const struct args args = { "diff", argc, argv, ":", diff_options };
	const struct arch *arch = NULL;
	struct printer printer = { 0 };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'j')
			printer.is_json = true;
		else if ((got = args_platform(&arch, &args, err)) < 0)
			break;
	}
	if (got < 0)
		return got;
	if (argc - optind != 2)
		return args_usage(
			err, "diff",
			argc - optind < 2 ? "A.tar B.tar" : argv[optind + 2],
			argc - optind < 2 ? "missing" : "two images at a time");
	return diff(&printer, argv + optind, arch, err);
}
