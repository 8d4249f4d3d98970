/* pith diff: what differs between two images. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "image/diff.h"
#include "image/tree.h"
#include "tool/args.h"
#include "tool/compare.h"
#include "tool/print.h"
#include "tool/subject.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

struct printer {
	bool is_json;
	size_t count; /* of differences told */
};

/* "- file /etc/x: ...", "+ config Env.A: ...", "~ file /x: mode: A -> B" */
static void print_line(const struct diff_change *change)
{
	printf("%c %s",
	       !change->a   ? '+'
	       : !change->b ? '-'
			    : '~',
	       change->part);
	printf("%s", *change->subject ? " " : "");
	print_text(slice_from(change->subject));
	printf(": ");
	if (change->a && change->b && *change->field)
		printf("%s: ", change->field);
	if (change->a)
		print_text(slice_from(change->a));
	printf("%s", change->a && change->b ? " -> " : "");
	if (change->b)
		print_text(slice_from(change->b));
	putchar('\n');
}

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
		print_line(change);
	printer->count++;
}

/* One of the two images, with its tree. */
struct side {
	struct subject subject;
	struct tree *tree;
};

static int open_side(struct side *side, const char *path, struct err *err)
{
	struct subject *subject = &side->subject;

	if (subject_open(subject, path, err) < 0)
		return -1;
	side->tree = tree_read(&subject->reader, &subject->image, NULL, err);
	return side->tree ? 0 : err_wrap(err, "%s", path);
}

static void close_side(struct side *side)
{
	tree_free(side->tree);
	subject_close(&side->subject);
}

static void print_head(const struct side *a, const struct side *b)
{
	json_t *names = json_array();

	json_array_append_new(names, print_json_text(a->subject.path));
	json_array_append_new(names, print_json_text(b->subject.path));
	printf("{\n  \"images\": ");
	json_dumpf(names, stdout, 0);
	printf(",\n  \"changes\": [");
	json_decref(names);
}

static int compare(struct printer *printer, struct side *a, struct side *b,
		   struct err *err)
{
	const struct diff_sink sink = { tell, printer };

	if (printer->is_json)
		print_head(a, b);
	if (compare_subjects(&sink, &a->subject, &b->subject, err) < 0 ||
	    diff_trees(&sink, a->tree, b->tree, err) < 0)
		return -1;
	if (printer->is_json)
		printf("%s]\n}\n", printer->count ? "\n  " : "");
	return printer->count != 0;
}

static int diff(struct printer *printer, char *const *paths, struct err *err)
{
	struct side a = { 0 };
	struct side b = { .subject.reader.fd = -1 };
	int result = open_side(&a, paths[0], err);

	if (result == 0)
		result = open_side(&b, paths[1], err);
	if (result == 0)
		result = compare(printer, &a, &b, err);
	close_side(&a);
	close_side(&b);
	/* Not main's to find: its status for that is an answer here. */
	if (result >= 0 && (fflush(stdout) != 0 || ferror(stdout)))
		result = err_set(err, errno, "write standard output");
	return result < 0 ? TOOL_TROUBLE : result;
}

int cmd_diff(int argc, char **argv, struct err *err)
{
	const struct args args = { "diff", argc, argv, ":", options };
	struct printer printer = { 0 };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		printer.is_json = true;
	if (got < 0)
		return got;
	if (argc - optind != 2)
		return args_usage(
			err, "diff",
			argc - optind < 2 ? "A.tar B.tar" : argv[optind + 2],
			argc - optind < 2 ? "missing" : "two images at a time");
	return diff(&printer, argv + optind, err);
}
