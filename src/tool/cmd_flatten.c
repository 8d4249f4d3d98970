/* pith flatten: an image's layers as one. */
#include "tool/args.h"
#include "tool/flatten.h"
#include "tool/output.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "tag", required_argument, NULL, 't' },
	{ "platform", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

int cmd_flatten(int argc, char **argv, struct err *err)
{
	const struct args args = { "flatten", argc, argv, ":o:", options };
	struct flatten flatten = { .codec = codec_default() };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			flatten.output = optarg;
		else if (option == 't')
			flatten.reference = optarg;
		else if ((got = args_platform(&flatten.arch, &args, err)) < 0)
			break;
	}
	if (got < 0)
		return got;
	if (!flatten.output)
		return args_usage(err, "flatten", "-o OUT.tar", "missing");
	if ((got = args_image(&flatten.input, &args, err)) < 0)
		return got;
	if (output_check(flatten.output, NULL, err) < 0)
		return -1;
	return flatten_image(&flatten, err);
}
