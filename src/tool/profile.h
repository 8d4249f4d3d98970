#ifndef TOOL_PROFILE_H
#define TOOL_PROFILE_H

/*
 * profile: the verbs of "pith profile", one profile_VERB.c each.
 *
 * A verb gets its own argc and argv (argv[0] is its name) and keeps the
 * contract of subcommands that tool.h describes. The table in cmd_profile.c
 * says what each takes and does.
 */
#include "tool/tool.h"

struct err;

int profile_check(int argc, char **argv, struct err *err);
int profile_compile(int argc, char **argv, struct err *err);
int profile_derive(int argc, char **argv, struct err *err);
int profile_diff(int argc, char **argv, struct err *err);
int profile_explain(int argc, char **argv, struct err *err);
int profile_export(int argc, char **argv, struct err *err);
int profile_import(int argc, char **argv, struct err *err);
int profile_learn(int argc, char **argv, struct err *err);
int profile_merge(int argc, char **argv, struct err *err);
int profile_show(int argc, char **argv, struct err *err);
int profile_trace(int argc, char **argv, struct err *err);

/* The options of each. */
extern const struct args_option profile_check_options[];
extern const struct args_option profile_compile_options[];
extern const struct args_option profile_derive_options[];
extern const struct args_option profile_diff_options[];
extern const struct args_option profile_explain_options[];
extern const struct args_option profile_export_options[];
extern const struct args_option profile_import_options[];
extern const struct args_option profile_learn_options[];
extern const struct args_option profile_merge_options[];
extern const struct args_option profile_show_options[];
extern const struct args_option profile_trace_options[];

#endif
