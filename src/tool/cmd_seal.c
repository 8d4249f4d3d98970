/* pith seal: pith-init and a filter around what others built. */
#include "image/recipe.h"
#include "tool/args.h"
#include "tool/build.h"
#include "tool/output.h"
#include "tool/seal.h"
#include "tool/tool.h"

const struct args_option seal_options[] = {
	{ "output", 'o', "OUT.tar", "where to" },
	{ "service", 's', "FILE",
	  "a [Service] section; default: derive the filter" },
	{ "tag", 't', "NAME:TAG", "instead of the image's own" },
	{ "init", 'i', "FILE", "a pith-init to put in; once for each machine" },
	{ "root", 'r', "DIR", "seal a tree, in a stage of a Dockerfile" },
	{ "platform", 'p', "PLATFORM",
	  "only this one of several; may be repeated" },
	{ "also", 'a', "PROGRAM",
	  "one that the program starts; may be repeated" },
	{ NULL, 0, NULL, NULL },
};

enum { ALSO_MAX = 32 };

struct request {
	const char *also[ALSO_MAX];
	size_t also_count;
	struct seal seal;
	struct build build;
	const char *root;
};

static int add_platform(struct seal *seal, const struct args *args,
			struct err *err)
{
	const struct arch *arch;

	if (args_platform(&arch, args, err) < 0)
		return TOOL_USAGE;
	for (size_t i = 0; i < seal->arch_count; i++)
		if (seal->archs[i] == arch)
			return args_usage(err, "seal", optarg, "given twice");
	/* There are fewer machines than there is room. */
	seal->archs[seal->arch_count++] = arch;
	return 0;
}

static int read_option(struct request *request, int option,
		       const struct args *args, struct err *err)
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
		return args_init(&request->build.init, args, err);
	case 'p':
		return add_platform(&request->seal, args, err);
	case 'a':
		if (request->also_count == ALSO_MAX)
			return args_usage(err, "seal", optarg,
					  "too many of these");
		request->also[request->also_count++] = optarg;
		break;
	default:
		request->root = optarg;
		break;
	}
	return 0;
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

static int seal(struct request *request, const char *subject, struct err *err)
{
	int result;

	if (!request->root) {
		result = seal_image(&request->seal, &request->build, err);
	} else {
		request->seal.program = subject;
		result = seal_root(&request->seal, &request->build, err);
	}
	build_free(&request->build);
	return result;
}

int cmd_seal(int argc, char **argv, struct err *err)
{
	const struct args args = { "seal", argc, argv, ":o:", seal_options };
	struct recipe recipe;
	struct request request = { .build = { .recipe = &recipe,
					      .codec = codec_default() } };
	const char *subject;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (read_option(&request, option, &args, err) < 0)
			return TOOL_USAGE;
	if (got < 0 || (got = check_request(&request, err)) < 0 ||
	    (got = args_image(&subject, &args, err)) < 0)
		return got;
	if (output_check(request.build.output, NULL, err) < 0)
		return -1;
	request.seal.input = request.root ? request.root : subject;
	request.seal.also = request.also;
	request.seal.also_count = request.also_count;
	request.build.is_chosen = !request.seal.service;
	return seal(&request, subject, err);
}
