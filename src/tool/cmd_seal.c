/* pith seal: pith-init and a filter around what others built. */
#include "image/recipe.h"
#include "tool/args.h"
#include "tool/build.h"
#include "tool/seal.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "service", required_argument, NULL, 's' },
	{ "tag", required_argument, NULL, 't' },
	{ "init", required_argument, NULL, 'i' },
	{ "root", required_argument, NULL, 'r' },
	{ "platform", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

struct request {
	struct seal seal;
	struct build build;
	const char *root;
};

static void read_option(struct request *request, int option)
{
	switch (option) {
	case 'o':
		request->build.output = optarg;
		break;
	case 's':
		request->seal.service = optarg;
		break;
	case 't':
		request->seal.reference = optarg;
		break;
	case 'i':
		request->build.init = optarg;
		break;
	default:
		request->root = optarg;
		break;
	}
}

/* What --root takes, an image does not, and the other way round. */
static int check_request(struct request *request, struct err *err)
{
	if (request->root && (request->build.output || request->seal.reference))
		return args_usage(err, "seal", "--root",
				  "writes no archive: no -o and no --tag");
	if (!request->root && !request->build.output)
		return args_usage(err, "seal", "-o OUT.tar", "missing");
	return 0;
}

int cmd_seal(int argc, char **argv, struct err *err)
{
	const struct args args = { "seal", argc, argv, ":o:", options };
	struct recipe recipe;
	struct request request = { .build = { .recipe = &recipe,
					      .codec = codec_default() } };
	const char *subject;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (option != 'p')
			read_option(&request, option);
		else if ((got = args_platform(&request.seal.arch, &args, err)) <
			 0)
			break;
	if (got < 0 || (got = check_request(&request, err)) < 0 ||
	    (got = args_image(&subject, &args, err)) < 0)
		return got;
	request.seal.input = request.root ? request.root : subject;
	if (!request.root)
		return seal_image(&request.seal, &request.build, err);
	request.seal.program = subject;
	return seal_root(&request.seal, &request.build, err);
}
