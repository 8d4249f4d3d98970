#ifndef IMAGE_INIT_FILE_H
#define IMAGE_INIT_FILE_H

/*
 * init_file: where the pith-init for an image is found on this machine.
 */
#include <stddef.h>

struct arch;
struct buf;
struct err;

enum { INIT_FILES_MAX = 8 };

/* Those that somebody chose: each is for the machine that it says itself. */
struct init_files {
	const char *at[INIT_FILES_MAX];
	size_t count;
};

/*
 * Append the path of a pith-init for arch, one of archs, which images are made
 * for: the chosen one, else pith-init beside this program if arch is this
 * machine's, else pith-init-ARCH there, else ../lib/pith/pith-init-ARCH from
 * there. Fails when there is none, when it is no static program for arch, and
 * when a chosen one is for none of archs or the second for one.
 */
int init_file_find(struct buf *path, const struct init_files *chosen,
		   const struct arch *arch, const struct arch *const *archs,
		   size_t arch_count, struct err *err);

#endif
