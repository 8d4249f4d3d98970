#ifndef INIT_PROGRAM_H
#define INIT_PROGRAM_H

/* program: which file is to be started, and whether the filter is its own. */
#include <limits.h>
#include <stdbool.h>

struct err;
struct filter;

/*
 * The file that name means: itself where it has a slash, else the first of
 * PATH that may be executed, put into buf. NULL with *err filled where PATH
 * has none; err->num is then ENOENT or EACCES.
 */
const char *program_find(char buf[PATH_MAX], const char *name, char **envp,
			 struct err *err);

/*
 * Check that path is the program the filter was made for: the same file as
 * the path it records, of the recorded size, with the recorded header. This
 * catches a wrong command or a program updated without its filter; it is no
 * defence against whoever may replace files in the image.
 */
int program_check(const struct filter *filter, const char *path,
		  struct err *err);

enum { PROGRAM_HELPER_MAX = 256 }; /* bytes, as the kernel reads of a script */

/*
 * What the kernel runs in place of that file: the interpreter of a script, or
 * the loader of an ELF program. False where there is neither, or no telling.
 * path may lie in helper.
 */
bool program_helper(char helper[PROGRAM_HELPER_MAX], const char *path);

#endif
