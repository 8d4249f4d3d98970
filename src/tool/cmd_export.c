/* pith export: an image's root file system in another form. */
#include <stdbool.h>

#include "base/err.h"
#include "image/tree.h"
#include "tool/args.h"
#include "tool/export.h"
#include "tool/output.h"
#include "tool/subject.h"
#include "tool/tool.h"

enum { FORM_FIRST = 256 };

/* An option each: FORM_FIRST and on, in the order of forms[]. */
const struct args_option export_options[] = {
	{ "initramfs", FORM_FIRST, NULL,
	  "a cpio archive for a kernel to start from" },
	{ "squashfs", FORM_FIRST + 1, NULL,
	  "a file system that is read where it lies" },
	{ "tar", FORM_FIRST + 2, NULL, "one archive with all of it" },
	{ "dir", FORM_FIRST + 3, NULL,
	  "a directory, which must not be there yet" },
	{ "output", 'o', "OUT", "where to" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

static export_fn *const forms[] = { export_initramfs, export_squashfs,
				    export_tar, export_directory };

static int export(const char *path, const struct arch *arch, export_fn *form,
		  const char *output, struct err *err)
{
	struct subject subject;
	struct tree *tree = NULL;
	int result = subject_open(&subject, path, arch, err);

	if (result == 0) {
		tree = tree_read(&subject.reader, &subject.image, NULL, err);
		if (!tree || form(output, &subject, tree, err) < 0)
			result = err_wrap(err, "%s", path);
	}
	tree_free(tree);
	subject_close(&subject);
	return result;
}

int cmd_export(int argc, char **argv, struct err *err)
{
	const struct args args = { "export", argc, argv,
				   ":o:", export_options };
	const char *path, *output = NULL;
	const struct arch *arch = NULL;
	export_fn *form = NULL;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			output = optarg;
		else if (option == 'p')
			got = args_platform(&arch, &args, err);
		else if (form)
			return args_usage(err, "export", argv[optind - 1],
					  "a second form");
		else
			form = forms[option - FORM_FIRST];
		if (got < 0)
			break;
	}
	if (got < 0)
		return got;
	if (!form)
		return args_usage(err, "export",
				  "--initramfs, --squashfs, --tar or --dir",
				  "missing");
	if (!output)
		return args_usage(err, "export", "-o OUT", "missing");
	if ((got = args_image(&path, &args, err)) < 0)
		return got;
	if (form == export_directory ? export_check_directory(output, err) < 0
				     : output_check(output, path, err) < 0)
		return -1;
	return export(path, arch, form, output, err);
}
