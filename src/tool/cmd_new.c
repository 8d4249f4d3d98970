/* pith new: a recipe to start from. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "image/name.h"
#include "image/recipe.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/suggest.h"
#include "tool/tool.h"
#include "tool/trial.h"

enum { TRY_MS = 3000, TRY_MAX_MS = 3600 * 1000 };

struct request {
	const char *output;  /* NULL: NAME.pith, here; "-": standard output */
	unsigned int try_ms; /* 0: do not start it */
	char **words;	     /* the program and its arguments */
};

const struct args_option new_options[] = {
	{ "output", 'o', "NAME.pith",
	  "default: the name of the program, with .pith; - for standard output" },
	{ "try", 't', "[=TIME]",
	  "start the program, for 3 seconds, and look at its ports and files" },
	{ NULL, 0, NULL, NULL },
};

static int read_time(struct request *request, struct err *err)
{
	uint64_t ms = TRY_MS;

	if (optarg &&
	    (!num_span_ms(&ms, slice_from(optarg)) || !ms || ms > TRY_MAX_MS))
		return args_usage(err, "new", optarg,
				  "no time span of at most an hour");
	request->try_ms = (unsigned int)ms;
	return 0;
}

static int read_request(struct request *request, int argc, char **argv,
			struct err *err)
{
	const struct args args = { "new", argc, argv, ":o:", new_options };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			request->output = optarg;
		else if ((got = read_time(request, err)) < 0)
			break;
	}
	if (got < 0)
		return got;
	if (optind == argc)
		return args_usage(err, "new", "PROGRAM", "missing");
	request->words = argv + optind;
	return 0;
}

/*
 * A recipe's sources are relative to its own directory: the path as given
 * stays what it says only for one that is written here.
 */
static char *source_path(const char *program, const char *output)
{
	bool stays = program[0] == '/' || !output || !strchr(output, '/');

	return stays ? mem_text(slice_from(program)) : realpath(program, NULL);
}

/* What pith build would say of it is a fault of ours. */
static int check(const struct buf *text, struct err *err)
{
	auto_free char *copy = mem_text(buf_slice(text));
	struct recipe recipe;

	if (recipe_parse(&recipe, copy, text->len, "the new recipe", err) < 0)
		return -1;
	recipe_free(&recipe);
	return 0;
}

/* Append where the recipe goes; nothing for standard output. */
static void name_output(struct buf *path, const struct request *request)
{
	if (!request->output) {
		buf_text(path, name_base(request->words[0]));
		buf_text(path, ".pith");
	} else if (strcmp(request->output, "-") != 0) {
		buf_text(path, request->output);
	}
}

static int check_output(const char *path, struct err *err)
{
	/* Somebody may have worked on it since. */
	if (path && access(path, F_OK) == 0)
		return err_set(err, 0,
			       "%s: there already; name another with -o", path);
	return output_check(path, NULL, err);
}

static int make(const struct request *request, const struct trial *trial,
		const char *output, struct err *err)
{
	auto_free char *source = source_path(request->words[0],
					     request->output);
	auto_buf struct buf text = { 0 };

	if (!source)
		return err_set(err, errno, "%s", request->words[0]);
	const struct suggest suggest = { source, request->words + 1, trial };

	if (suggest_recipe(&text, &suggest, err) < 0 || check(&text, err) < 0)
		return -1;
	/* Again: the program may have run for an hour. */
	if (check_output(output, err) < 0)
		return -1;
	return output_write(output, buf_slice(&text), err);
}

int cmd_new(int argc, char **argv, struct err *err)
{
	struct request request = { 0 };
	struct trial trial = { 0 };
	auto_buf struct buf output = { 0 };
	int result = read_request(&request, argc, argv, err);

	if (result < 0)
		return result;
	name_output(&output, &request);
	if (check_output(output.at, err) < 0)
		return -1;
	/* By the name as given: some programs go by it. */
	if (request.try_ms)
		result = trial_run(&trial, request.words, request.try_ms, err);
	if (result == 0)
		result = make(&request, request.try_ms ? &trial : NULL,
			      output.at, err);
	trial_free(&trial);
	return result;
}
