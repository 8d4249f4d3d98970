#ifndef DATA_GOINFO_H
#define DATA_GOINFO_H

/*
 * goinfo: what the Go linker notes of a program in the program: the version of
 * Go and the modules that it is made of. Formats of Go 1.18 and later
 * (src/debug/buildinfo, src/runtime/debug/mod.go). Untrusted bytes.
 */
#include <stdbool.h>

#include "base/slice.h"

struct goinfo {
	struct slice version; /* "go1.19.8" */
	struct slice modules; /* for goinfo_module(); may be empty */
};

struct goinfo_module {
	bool is_main;
	struct slice path;    /* "golang.org/x/sys" */
	struct slice version; /* "v0.1.0", "(devel)" or empty */
};

/* Find it in a whole ELF file. False for what Go did not make. */
bool goinfo_find(struct goinfo *out, struct slice file);

/*
 * Take the next module off the front of *rest; one that another replaces is
 * that other one. False at the end.
 */
bool goinfo_module(struct goinfo_module *out, struct slice *rest);

#endif
