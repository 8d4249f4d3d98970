/* pith verify: whether an image archive is what it says. */
#include <stdio.h>

#include "base/err.h"
#include "image/init_file.h"
#include "image/verify.h"
#include "tool/args.h"
#include "tool/print.h"
#include "tool/rebuild.h"
#include "tool/size.h"
#include "tool/tool.h"

const struct args_option verify_options[] = {
	{ "rebuild", 'r', "NAME.pith", "build it, and compare" },
	{ "init", 'i', "FILE", "for that, a pith-init; once for each machine" },
	{ NULL, 0, NULL, NULL },
};

/* "x.tar: index.json: what is wrong", a line each. */
static void print_faults(const char *path, const struct verify *verify)
{
	struct slice rest = buf_slice(&verify->faults);
	struct slice line;

	while (slice_cut(&line, &rest, '\n')) {
		print_text(stdout, slice_from(path));
		printf(": ");
		print_text(stdout, line);
		putchar('\n');
	}
	if (verify->fault_count > VERIFY_FAULTS_MAX)
		printf("%s: and %zu more faults\n", path,
		       verify->fault_count - VERIFY_FAULTS_MAX);
}

static void print_good(const char *path, const struct verify *verify)
{
	char size[SIZE_TEXT_MAX];

	printf("%s: good: %zu image%s, %zu layer%s, %zu files, %s\n", path,
	       verify->images, verify->images == 1 ? "" : "s", verify->layers,
	       verify->layers == 1 ? "" : "s", verify->members,
	       size_text(size, verify->bytes));
}

static int verify(const char *path, const char *recipe,
		  const struct init_files *init, struct err *err)
{
	struct verify found;
	int status = verify_archive(&found, path, err);

	if (status == 0 && found.fault_count) {
		print_faults(path, &found);
		status = 1;
	} else if (status == 0) {
		print_good(path, &found);
		if (recipe)
			status = rebuild_compare(path, recipe, init, err);
	}
	verify_free(&found);
	return status;
}

int cmd_verify(int argc, char **argv, struct err *err)
{
	const struct args args = { "verify", argc, argv, ":", verify_options };
	const char *path, *recipe = NULL;
	struct init_files init = { .count = 0 };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0)
		if (option == 'r')
			recipe = optarg;
		else if (args_init(&init, &args, err) < 0)
			return TOOL_USAGE;
	if (got < 0 || (got = args_image(&path, &args, err)) < 0)
		return got;
	if (init.count && !recipe)
		return args_usage(err, "verify", "--init",
				  "belongs to --rebuild");
	return verify(path, recipe, &init, err);
}
