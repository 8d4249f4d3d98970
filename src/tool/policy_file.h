#ifndef TOOL_POLICY_FILE_H
#define TOOL_POLICY_FILE_H

/* policy_file: policies from files, with what they include. */
struct err;
struct policy;
struct policy_include;

/*
 * Add the policy text of a file, or of standard input for "-", to *policy.
 * Messages begin with its name.
 */
int policy_file_read(struct policy *policy, const char *path, struct err *err);

/*
 * How to include files by paths that are relative to the directory of the
 * file called name, which need not exist and may be NULL: this directory.
 */
struct policy_include policy_file_include(const char *name);

#endif
