#ifndef IMAGE_INITRAMFS_H
#define IMAGE_INITRAMFS_H

/*
 * initramfs: an image's root file system as the archive that a kernel unpacks
 * and starts /init of. Directories come first, then files as their layers
 * have them, then further names of files; times are zero. Memory is bounded
 * whatever the image.
 */
struct err;
struct reader;
struct reader_image;
struct tree;

struct initramfs_to {
	int fd;
	/* A file's extended attribute, which cpio has no place for. */
	void (*lost)(const char *path, const char *xattr);
};

/*
 * Write the archive to to->fd, with a /dev/console where the image has none: the
 * kernel opens it for PID 1. Fails for device nodes, as extract.h does, for
 * files of 4 GiB and more, and for a hard link whose target was replaced.
 */
int initramfs_write(const struct initramfs_to *to, const struct reader *reader,
		    const struct reader_image *image, struct tree *tree,
		    struct err *err);

#endif
