/* pith sbom: what an image is made of, for people and for scanners. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/sbom.h"
#include "tool/args.h"
#include "tool/attach.h"
#include "tool/output.h"
#include "tool/print.h"
#include "tool/sbom_write.h"
#include "tool/tool.h"

enum form { FORM_TABLE, FORM_SPDX, FORM_CYCLONEDX, FORM_ATTACH };

const struct args_option sbom_options[] = {
	{ "output", 'o', "OUT", "instead of standard output" },
	{ "spdx", 's', NULL, "as SPDX 2.3" },
	{ "cyclonedx", 'c', NULL, "as CycloneDX 1.5" },
	{ "attach", 'a', NULL, "write the archive anew, with both in it" },
	{ NULL, 0, NULL, NULL },
};

static const char *const kinds[] = {
	[INVENTORY_DEBIAN] = "debian",
	[INVENTORY_GO] = "go",
	[INVENTORY_RUST] = "rust",
	[INVENTORY_PROGRAM] = "file",
};

static void print_column(const char *text, int width)
{
	print_text(stdout, slice_from(text));
	for (int left = width - (int)strlen(text); left > 0; left--)
		putchar(' ');
	putchar(' ');
}

static void print_package(const struct inventory_package *package)
{
	print_column(kinds[package->kind], 6);
	print_column(package->name, 24);
	print_column(*package->version ? package->version : "-", 24);
	print_text(stdout, slice_from(*package->license ? package->license
				      : *package->file	? package->file
							: "-"));
	putchar('\n');
}

/* Which of the ELF files no package accounts for: scanners see none of them. */
static size_t count_lone(const struct inventory *inventory)
{
	size_t count = 0;

	for (size_t i = 0; i < inventory->package_count; i++)
		count += inventory->packages[i].kind == INVENTORY_PROGRAM;
	return count;
}

static void print_table(const struct inventory *inventory)
{
	print_text(stdout, slice_from(sbom_name(inventory)));
	printf("  %s\n", inventory->digest);
	if (*inventory->os_name) {
		print_text(stdout, slice_from(inventory->os_name));
		putchar('\n');
	}
	for (size_t i = 0; i < inventory->package_count; i++)
		print_package(&inventory->packages[i]);
	printf("%zu ELF files, %zu of no package\n", inventory->file_count,
	       count_lone(inventory));
}

static int write_sbom(const char *path, enum form form, const char *output,
		      struct err *err)
{
	struct inventory inventory;
	int result = inventory_read(&inventory, path, arch_host(), err);

	if (result == 0 && form == FORM_TABLE)
		print_table(&inventory);
	else if (result == 0)
		result = sbom_write(&inventory,
				    form == FORM_SPDX ? SBOM_SPDX
						      : SBOM_CYCLONEDX,
				    output, err);
	inventory_free(&inventory);
	return result;
}

int cmd_sbom(int argc, char **argv, struct err *err)
{
	const struct args args = { "sbom", argc, argv, ":o:", sbom_options };
	const char *path, *output = NULL;
	enum form form = FORM_TABLE;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			output = optarg;
		else
			form = option == 's'   ? FORM_SPDX
			       : option == 'c' ? FORM_CYCLONEDX
					       : FORM_ATTACH;
	}
	if (got < 0)
		return got;
	if (output && form == FORM_TABLE)
		return args_usage(err, "sbom", "-o",
				  "goes with --spdx, --cyclonedx or --attach");
	if (!output && form == FORM_ATTACH)
		return args_usage(err, "sbom", "-o OUT.tar",
				  "missing with --attach");
	if ((got = args_image(&path, &args, err)) < 0)
		return got;
	if (output_check(output, form == FORM_ATTACH ? NULL : path, err) < 0)
		return -1;
	if (form == FORM_ATTACH)
		return attach_sbom(NULL, path, output, err);
	return write_sbom(path, form, output, err);
}
