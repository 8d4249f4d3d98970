#ifndef IMAGE_INVENTORY_H
#define IMAGE_INVENTORY_H

/*
 * inventory: what an image is made of, read out of the image alone: Debian's
 * packages by dpkg's database (a whole one, or the status.d/ of distroless
 * and of pith), the modules of Go programs, the crates of Rust ones, and each
 * ELF file with the package that it belongs to. Everything is sorted, so equal
 * images give equal inventories.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/sum.h"

struct arch;
struct err;

enum inventory_kind {
	INVENTORY_DEBIAN,
	INVENTORY_GO,
	INVENTORY_RUST,
	INVENTORY_PROGRAM, /* an ELF file that nothing else accounts for */
};

struct inventory_package {
	enum inventory_kind kind;
	char *name;
	char *version;	      /* "" where nobody says it */
	char *arch;	      /* "" but for Debian's */
	char *source;	      /* the source package's name, or "" */
	char *source_version; /* likewise; feeds of faults go by these */
	char *license;	      /* an SPDX expression, or "" */
	char *supplier;	      /* the maintainer, or "" */
	char *homepage;	      /* a URL, or "" */
	char *file;	      /* the file that it was read out of, or "" */
};

struct inventory_file {
	char *path; /* absolute */
	uint64_t size;
	struct sum sha256;
	char sha1[41]; /* SPDX demands it */
	size_t owner;  /* index of a package */
};

struct inventory {
	char *name;   /* a reference, or "" */
	char *digest; /* of the manifest, or of the config: "sha256:..." */
	const char *arch;
	char *os_id;	  /* "debian", or "" */
	char *os_version; /* "12", or "" */
	char *os_name;	  /* "Debian GNU/Linux 12 (bookworm)", or "" */
	struct inventory_package *packages;
	size_t package_count;
	struct inventory_file *files; /* ELF alone */
	size_t file_count;
};

/*
 * Read the archive's image; of several, the one for arch. The caller owes
 * inventory_free(), also after a failure.
 */
int inventory_read(struct inventory *out, const char *path,
		   const struct arch *arch, struct err *err);
void inventory_free(struct inventory *inventory);

struct buf;

/* Append the package's URL, "pkg:deb/debian/libc6@2.36-9?arch=amd64". */
void inventory_purl(struct buf *out, const struct inventory *inventory,
		    const struct inventory_package *package);

/* The same for the image itself: "pkg:oci/hello@sha256:...?arch=amd64". */
void inventory_image_purl(struct buf *out, const struct inventory *inventory);

/* Append a UUID (RFC 9562, version 8) that follows from digest and salt. */
void inventory_uuid(struct buf *out, const struct inventory *inventory,
		    const char *salt);

#endif
