#ifndef TOOL_ARGS_H
#define TOOL_ARGS_H

/* args: the options of subcommands, by getopt_long(3), with pith's messages. */
#include <getopt.h>

#include "base/err.h"
#include "tool/tool.h"

struct arch;
struct init_files;

struct args {
	const char *command; /* for messages: "build" */
	int argc;
	char **argv;	    /* argv[0] is the command */
	const char *shorts; /* begins with ':', or "+:" */
	const struct args_option *options;
};

/* What --help says of the options, a line each, on standard output. */
void args_print(const struct args_option *options);

/* Start reading options; optind and optarg are getopt's. */
void args_start(void);

/*
 * The next option's letter into *option. Returns 1, 0 behind the last, or TOOL_USAGE
 * for one that is unknown or lacks its value.
 */
int args_next(int *option, const struct args *args, struct err *err);

/*
 * Behind the options: the one archive that a command takes. Returns 0, or
 * TOOL_USAGE where there is none or another one.
 */
int args_image(const char **path, const struct args *args, struct err *err);

/* The value of --platform, "linux/arm64": 0 or TOOL_USAGE. */
int args_platform(const struct arch **out, const struct args *args,
		  struct err *err);

/* The value of --init, one more: 0 or TOOL_USAGE. */
int args_init(struct init_files *files, const struct args *args,
	      struct err *err);

/* "COMMAND: WHAT: WHY" into *err. Returns TOOL_USAGE. */
static inline int args_usage(struct err *err, const char *command,
			     const char *what, const char *why)
{
	err_set(err, 0, "%s: %s: %s", command, what, why);
	return TOOL_USAGE;
}

#endif
