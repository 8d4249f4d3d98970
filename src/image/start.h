#ifndef IMAGE_START_H
#define IMAGE_START_H

/*
 * start: what an image's config starts, and where in the image that is.
 * config is the document's "config" object, or NULL.
 */
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arch;
struct buf;
struct closure_program;
struct err;
struct tree;
struct tree_node;

/* Entrypoint and Cmd as one array of strings; the caller owes json_decref. */
json_t *start_words(const json_t *config);

/* True for what is a shell by its name. */
bool start_is_shell(const char *path);

/*
 * The file that an engine would start for name, by PATH and WorkingDir. *path
 * becomes where it was found and *file the same with links resolved, neither
 * with a slash in front. Returns 1, 0 where there is none, or -1.
 */
int start_find(struct tree_node *out, struct buf *path, struct buf *file,
	       struct tree *tree, const json_t *config, const char *name,
	       struct err *err);

/*
 * Accept the file called path, with the notes of look.h, as what a filter is
 * made for: an ELF program for arch, or where may_exec a script.
 */
int start_program(struct closure_program *out, const char *path, uint64_t size,
		  const char *notes, const struct arch *arch, bool may_exec,
		  struct err *err);

#endif
