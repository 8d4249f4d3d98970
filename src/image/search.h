#ifndef IMAGE_SEARCH_H
#define IMAGE_SEARCH_H

/*
 * search: where a loader finds a library, by ld.so(8)'s rules or musl's. What
 * the loader reads from /etc/ld.so.cache is read from ld.so.conf(5), from
 * which that is made; LD_LIBRARY_PATH and glibc-hwcaps have no part in it.
 */
#include <stdbool.h>
#include <stdint.h>

#include "image/root.h"
#include "image/view.h"

struct elf;
struct err;
struct libraries;

struct search_dir {
	char *path;
	bool is_default; /* the loader looks there without any file's word */
};

struct search {
	const struct view *view;
	struct root host;
	uint16_t machine; /* ELF's numbers of what can serve */
	uint8_t bits;
	bool is_musl;
	char *lib; /* what $LIB stands for */
	LIST(struct search_dir) conf;
	LIST(struct search_dir) defaults;
	char *path_file; /* of musl's loader, or NULL */
};

/* A library that was found. */
struct found {
	struct buf asked;    /* the path by which the loader opens it */
	struct view_file at; /* where that leads */
	struct buf file;     /* of this machine */
	bool is_from_conf;   /* no loader without a cache would find it */
};

#define auto_found __attribute__((cleanup(found_free)))

/* What the loader at the path interpreter, with these bytes, would do. */
int search_open(struct search *out, const struct view *view,
		const struct elf *program, struct slice interpreter,
		struct slice loader, struct err *err);
void search_close(struct search *search);

/*
 * Find what files.at[by] of the libraries asks for by name. Returns 1, 0 where
 * it is not, or -1. The caller owes found_free().
 */
int search_find(struct found *out, const struct libraries *libraries, size_t by,
		const char *name, struct err *err);
void found_free(struct found *found);

#endif
