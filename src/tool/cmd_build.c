/* pith build: a program or a recipe to an image archive. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/cache.h"
#include "image/recipe.h"
#include "tool/args.h"
#include "tool/build.h"
#include "tool/output.h"
#include "tool/sbom_write.h"
#include "tool/tool.h"

struct request {
	const char *output; /* NULL: SUBJECT's name with .tar, here */
	char *reference;    /* NAME:TAG, or NULL */
	struct init_files init;
	const char *compress, *level; /* as given, or NULL */
	struct codec codec;
	bool is_locked, is_cacheless, wants_sbom;
	const char *subject; /* PROGRAM or NAME.pith */
	char **args;
	size_t arg_count;
};

const struct args_option build_options[] = {
	{ "output", 'o', "OUT.tar",
	  "default: the name of what is built, with .tar, here" },
	{ "tag", 't', "NAME:TAG",
	  "instead of the recipe's, or of localhost/NAME:latest" },
	{ "init", 'i', "FILE", "a pith-init to put in; once for each machine" },
	{ "compress", 'c', "gzip|zstd|none",
	  "how layers are compressed; default: gzip" },
	{ "level", 'l', "LEVEL", "fast, default, small, or a number" },
	{ "locked", 'L', NULL,
	  "build nothing where auto allows more than NAME.policy" },
	{ "no-cache", 'n', NULL, "compress everything again" },
	{ "sbom", 's', NULL,
	  "write the bill of materials, beside and into the archive" },
	{ NULL, 0, NULL, NULL },
};

static int usage(struct err *err, const char *what, const char *why)
{
	return args_usage(err, "build", what, why);
}

static int read_option(struct request *request, int option,
		       const struct args *args, struct err *err)
{
	switch (option) {
	case 'o':
		request->output = optarg;
		break;
	case 't':
		request->reference = optarg;
		break;
	case 'i':
		return args_init(&request->init, args, err);
	case 'c':
		request->compress = optarg;
		break;
	case 'L':
		request->is_locked = true;
		break;
	case 'n':
		request->is_cacheless = true;
		break;
	case 's':
		request->wants_sbom = true;
		break;
	default:
		request->level = optarg;
		break;
	}
	return 0;
}

static bool is_recipe(const char *subject)
{
	size_t len = strlen(subject);

	return len > 5 && strcmp(subject + len - 5, ".pith") == 0;
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	/* Options may follow the program; its own stand behind "--". */
	const struct args args = { "build", argc, argv, ":o:", build_options };
	int option, got;

	*request = (struct request){ 0 };
	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (read_option(request, option, &args, err) < 0)
			return TOOL_USAGE;
	if (got < 0)
		return got;
	if (codec_parse(&request->codec, request->compress, request->level,
			err) < 0) {
		err_wrap(err, "build");
		return TOOL_USAGE;
	}
	if (optind == argc)
		return usage(err, "PROGRAM or NAME.pith", "missing");
	request->subject = argv[optind];
	if (request->is_locked && !is_recipe(request->subject))
		return usage(err, "--locked", "only with a recipe");
	request->args = argv + optind + 1;
	request->arg_count = (size_t)(argc - optind - 1);
	return 0;
}

/* "dir/hello.pith" and "dir/hello" are built into "hello.tar". */
static void default_output(struct buf *out, const char *subject)
{
	const char *slash = strrchr(subject, '/');
	struct slice base = slice_from(slash ? slash + 1 : subject);

	if (is_recipe(subject))
		base.len -= strlen(".pith");
	buf_add(out, base.at, base.len);
	buf_text(out, ".tar");
}

static int read_recipe(struct recipe *recipe, char **text,
		       const struct request *request, struct err *err)
{
	size_t len;

	if (!is_recipe(request->subject))
		return recipe_lone(recipe, request->subject, request->args,
				   request->arg_count, err);
	if (request->arg_count)
		return usage(err, request->args[0],
			     "a recipe has its arguments in ExecStart=");
	if (io_load(text, &len, request->subject, RECIPE_MAX, err) < 0)
		return -1;
	return recipe_parse(recipe, *text, len, request->subject, err);
}

/* All that is written, before the work that it takes. */
static int check_outputs(const struct build *job, bool wants_sbom,
			 struct err *err)
{
	const struct recipe *recipe = job->recipe;

	if (output_check(job->output, recipe->file, err) < 0)
		return -1;
	return wants_sbom ? sbom_check_beside(job->output, recipe->archs,
					      recipe->arch_count, err)
			  : 0;
}

/* What is told of the archive is then of another one. */
static int add_sbom(struct build *job, struct err *err)
{
	const struct recipe *recipe = job->recipe;

	if (sbom_write_beside(&job->manifest, job->output, recipe->archs,
			      recipe->arch_count, err) < 0)
		return -1;
	return build_measure(job, err);
}

static int build(const struct request *request, struct recipe *recipe,
		 struct err *err)
{
	auto_buf struct buf output = { 0 };
	struct build job = {
		.recipe = recipe,
		.output = request->output,
		.init = request->init,
		.codec = request->codec,
		.is_locked = request->is_locked,
		.is_chosen = !is_recipe(request->subject),
		.has_referrers = request->wants_sbom,
	};

	if (request->reference &&
	    recipe_set_reference(recipe, request->reference, err) < 0)
		return err_wrap(err, "--tag");
	if (recipe_check_name(recipe, err) < 0)
		return -1;
	if (!job.output) {
		default_output(&output, request->subject);
		job.output = output.at;
	}
	if (check_outputs(&job, request->wants_sbom, err) < 0)
		return -1;
	if (!request->is_cacheless)
		job.codec.cache = cache_open(&job.codec);
	int result = build_image(&job, err);

	cache_close(job.codec.cache);
	if (result == 0 && request->wants_sbom)
		result = add_sbom(&job, err);
	if (result == 0)
		build_print(&job);
	if (result == 0 && request->codec.kind == CODEC_ZSTD)
		fputs("pith: build: --compress zstd: docker before 23 cannot "
		      "load this; podman, skopeo and containerd can\n",
		      stderr);
	build_free(&job);
	return result;
}

int cmd_build(int argc, char **argv, struct err *err)
{
	struct request request;
	struct recipe recipe;
	auto_free char *text = NULL;
	int status = read_request(&request, argc, argv, err);

	if (status == 0)
		status = read_recipe(&recipe, &text, &request, err);
	if (status != 0)
		return status;
	status = build(&request, &recipe, err);
	recipe_free(&recipe);
	return status;
}
