/* pith import-unit: a [Service] section of a unit of systemd's. */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/unit.h"
#include "data/unit_import.h"
#include "data/unit_key.h"
#include "data/unit_word.h"
#include "image/name.h"
#include "tool/args.h"
#include "tool/output.h"
#include "tool/print.h"
#include "tool/tool.h"

const struct args_option import_unit_options[] = {
	{ "output", 'o', "FILE", "instead of standard output" },
	{ "instance", 'i', "NAME", "what %i stands for, in a template" },
	{ "keys", 'k', NULL, "print the table of systemd's keys" },
	{ NULL, 0, NULL, NULL },
};

struct request {
	const char *output;   /* NULL: standard output */
	const char *instance; /* of a template, or NULL */
	bool wants_keys;
};

static int read_file(struct unit *unit, const char *path, struct err *err)
{
	auto_free char *text = NULL;
	size_t len;

	if (io_load(&text, &len, path, UNIT_TEXT_MAX, err) < 0)
		return -1;
	if (!name_is_utf8((struct slice){ text, len }))
		return err_set(err, 0, "%s: not UTF-8", path);
	return unit_read(unit, path, (struct slice){ text, len }, err);
}

static int check_service(const struct unit *unit, const char *path,
			 struct err *err)
{
	for (size_t i = 0; i < unit->count; i++)
		if (unit->items[i].section == UNIT_SERVICE)
			return 0;
	return err_set(err, 0, "%s: nothing in [Service]", path);
}

/* The unit itself is the first; the others are drop-ins, in their order. */
static int import(const struct request *request, char **paths, int count,
		  struct err *err)
{
	struct unit_name name = unit_name_of(paths[0], request->instance);
	auto_unit struct unit unit = { 0 };
	auto_buf struct buf section = { 0 };
	auto_buf struct buf report = { 0 };

	for (int i = 0; i < count; i++)
		if (output_check(request->output, paths[i], err) < 0 ||
		    read_file(&unit, paths[i], err) < 0)
			return -1;
	if (check_service(&unit, paths[0], err) < 0)
		return -1;
	int got = unit_import(&section, &report, &unit, &name, err);

	for (struct slice rest = buf_slice(&report), line;
	     slice_cut(&line, &rest, '\n');) {
		print_text(stderr, line);
		fputc('\n', stderr);
	}
	if (got < 0)
		return err_wrap(err, "%s", paths[0]);
	return output_write(request->output, buf_slice(&section), err);
}

static int print_keys(const struct request *request, struct err *err)
{
	auto_buf struct buf text = { 0 };

	if (output_check(request->output, NULL, err) < 0)
		return -1;
	unit_key_print(&text);
	return output_write(request->output, buf_slice(&text), err);
}

int cmd_import_unit(int argc, char **argv, struct err *err)
{
	const struct args args = { "import-unit", argc, argv,
				   ":o:", import_unit_options };
	struct request request = { 0 };
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		if (option == 'o')
			request.output = optarg;
		else if (option == 'i')
			request.instance = optarg;
		else
			request.wants_keys = true;
	}
	if (got < 0)
		return got;
	if (request.wants_keys && optind < argc)
		return args_usage(err, "import-unit", argv[optind],
				  "--keys takes no unit");
	if (request.wants_keys)
		return print_keys(&request, err);
	if (optind == argc)
		return args_usage(err, "import-unit", "X.service", "missing");
	return import(&request, argv + optind, argc - optind, err);
}
