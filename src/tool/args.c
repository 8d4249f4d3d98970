#include "tool/args.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "image/init_file.h"

enum { OPTIONS_MAX = 16 };

static int takes_value(const struct args_option *option)
{
	if (!option->value)
		return no_argument;
	return option->value[0] == '[' ? optional_argument : required_argument;
}

/* The table as getopt_long() wants it. */
static void fill(struct option *longs, const struct args_option *options)
{
	for (size_t i = 0; i < OPTIONS_MAX && options[i].name; i++)
		longs[i] = (struct option){ .name = options[i].name,
					    .has_arg = takes_value(&options[i]),
					    .val = options[i].letter };
}

void args_print(const struct args_option *options)
{
	for (; options->name; options++) {
		const char *value = options->value ? options->value : "";
		char left[64];

		snprintf(left, sizeof(left), "%s--%s%s%s",
			 strcmp(options->name, "output") == 0 ? "-o, " : "",
			 options->name, *value && *value != '[' ? " " : "",
			 value);
		printf("  %-24s %s\n", left, options->does);
	}
}

void args_start(void)
{
	opterr = 0;
	optind = 0; /* 0, not 1: glibc then starts over */
}

int args_next(int *option, const struct args *args, struct err *err)
{
	struct option longs[OPTIONS_MAX + 1] = { { 0 } };

	fill(longs, args->options);
	*option = getopt_long(args->argc, args->argv, args->shorts, longs,
			      NULL);
	if (*option < 0)
		return 0;
	if (*option == ':')
		return args_usage(err, args->command, args->argv[optind - 1],
				  "needs a value");
	if (*option == '?')
		return args_usage(err, args->command, args->argv[optind - 1],
				  "unknown option");
	return 1;
}

int args_image(const char **path, const struct args *args, struct err *err)
{
	if (optind == args->argc)
		return args_usage(err, args->command, "IMAGE.tar", "missing");
	if (optind + 1 < args->argc)
		return args_usage(err, args->command, args->argv[optind + 1],
				  "one image at a time");
	*path = args->argv[optind];
	return 0;
}

int args_init(struct init_files *files, const struct args *args,
	      struct err *err)
{
	if (files->count == INIT_FILES_MAX)
		return args_usage(err, args->command, optarg,
				  "too many pith-inits");
	files->at[files->count++] = optarg;
	return 0;
}

int args_platform(const struct arch **out, const struct args *args,
		  struct err *err)
{
	static const char os[] = "linux/";
	struct slice name = slice_from(optarg);

	if (slice_has_prefix(name, os)) {
		name.at += strlen(os);
		name.len -= strlen(os);
	}
	*out = arch_by_name(name);
	if (!*out)
		return args_usage(err, args->command, optarg,
				  "no platform (such as linux/arm64)");
	return 0;
}
