#ifndef IMAGE_EVIDENCE_H
#define IMAGE_EVIDENCE_H

/*
 * evidence: a tree_visitor that keeps, of the files that pass, the few that say
 * what an image is made of, and what ELF files say of themselves; for
 * inventory.c alone.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct err;
struct tar_entry;

/* A file as it passed; a later one by the same path comes later. */
struct evidence_file {
	char *path; /* no slash at either end */
	bool is_elf;
	bool is_link;  /* text is where it leads */
	bool is_there; /* in the end; the reader's to tell */
	size_t layer;  /* where it passed: as in struct tree_node */
	uint64_t place;
	char sha1[41];	 /* of an ELF file */
	struct buf text; /* its bytes; of an ELF file Go's list of modules */
	char *go;	 /* the version of Go, or NULL */
	char *crates;	 /* cargo-auditable's document, or NULL */
};

struct evidence;

struct evidence *evidence_new(void);
void evidence_free(struct evidence *evidence);

/* For struct tree_visitor. */
int evidence_entry(void *of, const struct tar_entry *entry, size_t layer,
		   struct err *err);
int evidence_data(void *of, struct slice bytes, struct err *err);
int evidence_end(void *of, struct buf *notes, struct err *err);

/* Sort by path, of equal ones the last first. To be called once, at the end. */
void evidence_sort(struct evidence *evidence);

/* All of them, sorted. */
struct evidence_file *evidence_files(size_t *count, struct evidence *evidence);

/* The last one by that path, or NULL. */
struct evidence_file *evidence_find(struct evidence *evidence,
				    const char *path);

#endif
