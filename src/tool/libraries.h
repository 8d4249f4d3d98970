#ifndef TOOL_LIBRARIES_H
#define TOOL_LIBRARIES_H

/*
 * libraries: the files that a program is made of when it runs here: itself,
 * the libraries it needs, theirs, and the loader. By reading, not by running.
 * See ld.so(8).
 */
#include "base/list.h"

struct err;

struct library {
	char *path;
	const char *name;   /* the soname it was asked for by, or the path */
	struct slice bytes; /* mapped */
	char *soname;
	bool is_whole; /* was asked for by libraries_add */
	bool is_loader;
};

struct libraries {
	LIST(struct library) files; /* in the loader's order of scope */
	char *loader;		    /* PT_INTERP, or NULL */
};

/* The program and what it needs. A library that is not found is an error. */
int libraries_open(struct libraries *out, const char *program, struct err *err);

/* A library that the program opens by itself, by path or by soname. */
int libraries_add(struct libraries *libraries, const char *name,
		  struct err *err);
void libraries_close(struct libraries *libraries);

#endif
