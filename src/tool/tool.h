#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

/*
 * tool: what main.c and the subcommands, one cmd_*.c each, agree on.
 *
 * A subcommand gets its own argc and argv (argv[0] is its name) and returns
 * an exit status of 0 or more, or -1, TOOL_USAGE or TOOL_TROUBLE (a failure
 * where 1 is an answer) with *err filled. It prints its results on standard
 * output, and nothing else.
 */
struct err;

enum { TOOL_USAGE = -2, TOOL_TROUBLE = -3 };

/*
 * One row of a command's table, by which it is read and --help shows it. The
 * table ends with a row of zeros.
 */
struct args_option {
	const char *name;  /* "output" */
	int letter;	   /* what args_next() gives for it */
	const char *value; /* "OUT.tar"; "[=TIME]": may be left out; or NULL */
	const char *does;
};

int cmd_build(int argc, char **argv, struct err *err);
int cmd_diff(int argc, char **argv, struct err *err);
int cmd_export(int argc, char **argv, struct err *err);
int cmd_import_unit(int argc, char **argv, struct err *err);
int cmd_flatten(int argc, char **argv, struct err *err);
int cmd_inspect(int argc, char **argv, struct err *err);
int cmd_lint(int argc, char **argv, struct err *err);
int cmd_new(int argc, char **argv, struct err *err);
int cmd_profile(int argc, char **argv, struct err *err);
int cmd_run(int argc, char **argv, struct err *err);
int cmd_sbom(int argc, char **argv, struct err *err);
int cmd_seal(int argc, char **argv, struct err *err);
int cmd_update(int argc, char **argv, struct err *err);
int cmd_verify(int argc, char **argv, struct err *err);

/* The options of each but cmd_profile, whose verbs have them. */
extern const struct args_option build_options[];
extern const struct args_option diff_options[];
extern const struct args_option export_options[];
extern const struct args_option flatten_options[];
extern const struct args_option import_unit_options[];
extern const struct args_option inspect_options[];
extern const struct args_option lint_options[];
extern const struct args_option new_options[];
extern const struct args_option run_options[];
extern const struct args_option sbom_options[];
extern const struct args_option seal_options[];
extern const struct args_option update_options[];
extern const struct args_option verify_options[];

#endif
