#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

/* options: what the command line of pith-init says, checked for form only. */
#include <stdbool.h>
#include <stddef.h>

struct err;

enum { OPTIONS_SETTINGS_MAX = 32 };

struct options {
	bool help;
	bool version;
	size_t setting_count;
	char *settings[OPTIONS_SETTINGS_MAX]; /* -o: "Key=Value" */
	char **command; /* the program and its arguments; ends with NULL */
};

/* Read argv[1..]; everything stored points into argv. */
int options_parse(struct options *out, char **argv, struct err *err);

#endif
