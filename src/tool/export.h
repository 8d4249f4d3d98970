#ifndef TOOL_EXPORT_H
#define TOOL_EXPORT_H

/* export: an image's root file system in the forms that cmd_export.c offers. */
struct err;
struct subject;
struct tree;

/*
 * Write the image, whose tree has been read, to path, which appears when it is
 * complete or not at all.
 */
typedef int export_fn(const char *path, const struct subject *subject,
		      struct tree *tree, struct err *err);

export_fn export_initramfs; /* cpio, for a kernel */
export_fn export_tar;	    /* the files as one layer */
export_fn export_squashfs;  /* by mksquashfs(1) */
export_fn export_directory; /* which must not be there yet; needs root */

/* Before the work: whether the directory can be made. */
int export_check_directory(const char *path, struct err *err);

#endif
