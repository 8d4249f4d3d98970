/* pith inspect: what an image archive holds. */
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "tool/args.h"
#include "tool/report.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "inspect", what, why);
}

int cmd_inspect(int argc, char **argv, struct err *err)
{
	bool is_json = false;
	json_t *report;
	const struct args args = { "inspect", argc, argv, ":", options };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		is_json = true;
	if (got < 0)
		return got;
	if (optind == argc)
		return usage(err, "IMAGE.tar", "missing");
	if (optind + 1 < argc)
		return usage(err, argv[optind + 1], "one image at a time");
	if (report_make(&report, argv[optind], err) < 0)
		return -1;
	if (!is_json)
		report_print(report);
	else if (json_dumpf(report, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	json_decref(report);
	return 0;
}
