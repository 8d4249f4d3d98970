#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

/*
 * options: what the name, the command line and the environment of pith-init
 * say about itself, checked for form only.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"
#include "init/behaviour.h"

struct err;
struct personality;

enum { OPTIONS_SETTINGS_MAX = 32 };

struct options_setting {
	const char *by; /* the option or the prefix that it came by */
	struct slice key;
	char *value;
};

struct options {
	const struct personality *as;
	struct behaviour behaviour;
	size_t setting_count;
	struct options_setting settings[OPTIONS_SETTINGS_MAX];
	char **command; /* the program and its arguments; ends with NULL */
	size_t env_count;
	size_t listen_pid; /* the place of LISTEN_PID in envp, or env_count */
};

/*
 * Read argv and the variables of envp that are about init; everything stored
 * points into argv and envp. *out must be zero at the start, and is as the name
 * of the program says even on failure, if there is a name.
 */
int options_parse(struct options *out, char **argv, char **envp,
		  struct err *err);

#endif
