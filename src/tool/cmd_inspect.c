/* pith inspect: what an image archive holds. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "tool/report.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

static int usage(struct err *err, const char *what, const char *why)
{
	err_set(err, 0, "inspect: %s: %s", what, why);
	return TOOL_USAGE;
}

int cmd_inspect(int argc, char **argv, struct err *err)
{
	bool is_json = false;
	json_t *report;
	int option;

	optind = 0; /* 0, not 1: glibc then starts over */
	while ((option = getopt_long(argc, argv, ":", options, NULL)) >= 0) {
		if (option != 'j')
			return usage(err, argv[optind - 1], "unknown option");
		is_json = true;
	}
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
