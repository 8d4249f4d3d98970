/* pith flatten: an image's layers as one. */
#include "tool/args.h"
#include "tool/flatten.h"
#include "tool/output.h"
#include "tool/tool.h"

const struct args_option flatten_options[] = {
	{ "output", 'o', "OUT.tar", "where to" },
	{ "tag", 't', "NAME:TAG", "instead of the image's own" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

int cmd_flatten(int argc, char **argv, struct err *err)
{
	const struct args args = { "flatten", argc, argv,
				   ":o:", flatten_options };
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
