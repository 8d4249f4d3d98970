#ifndef IMAGE_LINT_PASS_H
#define IMAGE_LINT_PASS_H

/* lint_pass: what lint_tree.c keeps as it goes, and hands to its helpers. */
#include "image/lint_work.h"
#include "image/runs.h"

enum { LINT_DANGLING_MAX = 64 };

struct lint_pass {
	struct lint *lint;
	struct buf path;     /* at which it is */
	int entry, whiteout; /* the last layer with one at this path, or -1 */
	bool is_there;
	struct buf wanted; /* a hard link that leads here and found nothing */
	struct buf led;	   /* a symbolic link that leads here */
	struct runs *same; /* files by their contents */
	size_t dangling_count;
	char *dangling[LINT_DANGLING_MAX];
};

void lint_pass_free(struct lint_pass *pass);
void lint_pass_dangling(struct lint_pass *pass, const char *path);

/* Files by contents, for duplicate-files. */
struct runs *lint_same_new(void);
int lint_same_add(struct lint_pass *pass, const struct tree_node *node,
		  struct err *err);

/* The rules about the whole image, at the end. */
int lint_whole(struct lint_pass *pass, struct err *err);

/* What names say: shells, package managers and their leftovers. */
void lint_name_rules(struct lint *lint, const struct tree_node *node);
bool lint_is_secret(const char *path);
bool lint_is_ca(const char *path);
bool lint_is_mounted(const char *path); /* by the engine */

#endif
