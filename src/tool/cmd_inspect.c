/* pith inspect: what an image archive holds. */
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "tool/args.h"
#include "tool/report.h"
#include "tool/tool.h"

const struct args_option inspect_options[] = {
	{ "json", 'j', NULL, "for programs" },
	{ "code", 'c', NULL, "also what the code calls, beside the filter" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

int cmd_inspect(int argc, char **argv, struct err *err)
{
	const struct arch *arch = NULL;
	bool is_json = false, has_code = false;
	const char *path;
	json_t *report;
	const struct args args = { "inspect", argc, argv, ":",
				   inspect_options };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'j')
			is_json = true;
		else if (option == 'c')
			has_code = true;
		else if ((got = args_platform(&arch, &args, err)) < 0)
			break;
	}
	if (got < 0 || (got = args_image(&path, &args, err)) < 0)
		return got;
	if (report_make(&report, path, arch, err) < 0)
		return -1;
	if (has_code)
		report_add_code(report, path, arch);
	if (!is_json)
		report_print(report);
	else if (json_dumpf(report, stdout, JSON_INDENT(2)) == 0)
		putchar('\n');
	json_decref(report);
	return 0;
}
