/* pith export: an image's root file system in another form. */
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/io.h"
#include "image/initramfs.h"
#include "image/tree.h"
#include "tool/args.h"
#include "tool/subject.h"
#include "tool/tool.h"

static const struct option options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "initramfs", no_argument, NULL, 'i' },
	{ "platform", required_argument, NULL, 'p' },
	{ NULL, 0, NULL, 0 },
};

static int write_output(const struct subject *subject, struct tree *tree,
			const char *output, struct err *err)
{
	struct io_output out;

	if (io_create(&out, output, err) < 0)
		return -1;
	if (initramfs_write(out.fd, &subject->reader, &subject->image, tree,
			    err) < 0) {
		io_discard(&out);
		return err_wrap(err, "%s", subject->path);
	}
	return io_commit(&out, err);
}

static int export(const char *path, const struct arch *arch, const char *output,
		  struct err *err)
{
	struct subject subject;
	struct tree *tree = NULL;
	int result = subject_open(&subject, path, arch, err);

	if (result == 0) {
		tree = tree_read(&subject.reader, &subject.image, NULL, err);
		result = tree ? write_output(&subject, tree, output, err)
			      : err_wrap(err, "%s", path);
	}
	tree_free(tree);
	subject_close(&subject);
	return result;
}

int cmd_export(int argc, char **argv, struct err *err)
{
	const struct args args = { "export", argc, argv, ":o:", options };
	const char *path, *output = NULL;
	const struct arch *arch = NULL;
	bool is_initramfs = false;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			output = optarg;
		else if (option == 'i')
			is_initramfs = true;
		else if ((got = args_platform(&arch, &args, err)) < 0)
			break;
	}
	if (got < 0)
		return got;
	if (!is_initramfs)
		return args_usage(err, "export", "--initramfs", "missing");
	if (!output)
		return args_usage(err, "export", "-o OUT.cpio", "missing");
	if ((got = args_image(&path, &args, err)) < 0)
		return got;
	return export(path, arch, output, err);
}
