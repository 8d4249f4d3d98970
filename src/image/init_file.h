#ifndef IMAGE_INIT_FILE_H
#define IMAGE_INIT_FILE_H

/*
 * init_file: where the pith-init for an image is found on this machine.
 */
struct arch;
struct buf;
struct err;

/*
 * Append the path of a pith-init for arch: chosen if not NULL, else pith-init
 * beside this program if arch is this machine's, else pith-init-ARCH there,
 * else ../lib/pith/pith-init-ARCH from there. Fails when there is none, and
 * when it is no static program for arch.
 */
int init_file_find(struct buf *path, const char *chosen,
		   const struct arch *arch, struct err *err);

#endif
