#ifndef IMAGE_DPKG_H
#define IMAGE_DPKG_H

/*
 * dpkg: which Debian package each file of a root comes from. The database is
 * read, never run: var/lib/dpkg/status and info/NAME.list, with /bin, /lib
 * and their like taken for what they are since merged-usr, links into /usr.
 * dpkg(1), deb-control(5).
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct err;
struct root;

enum { DPKG_STATUS_MAX = 64 * 1024 * 1024, DPKG_LIST_MAX = 32 * 1024 * 1024 };

struct dpkg_package {
	struct slice name;
	struct slice arch;
	struct slice paragraph; /* of the status file */
};

struct dpkg {
	const struct root *root;
	char *status;
	struct dpkg_package *packages; /* by name, then architecture */
	size_t count;
};

/* A file of the root and who owns it. */
struct dpkg_owner {
	const char *path; /* absolute below the root, no link in it */
	const struct dpkg_package *package; /* found; NULL: nobody */
};

/*
 * Read which packages the root has, which must last as long. Returns 0, or 1
 * where it has no such database, with an empty *out, or -1. The caller owes
 * dpkg_close().
 */
int dpkg_open(struct dpkg *out, const struct root *root, struct err *err);
void dpkg_close(struct dpkg *dpkg);

/* The package by that name, of several architectures the first, or NULL. */
const struct dpkg_package *dpkg_named(const struct dpkg *dpkg,
				      struct slice name);

/* Find who owns each of count files; diversions are followed. */
int dpkg_find_owners(struct dpkg_owner *owners, size_t count,
		     const struct dpkg *dpkg, struct err *err);

/*
 * A file of the package's in info/, such as "md5sums": its bytes, which the
 * caller frees, or *data NULL where there is none.
 */
int dpkg_load(char **data, size_t *len, const struct dpkg *dpkg,
	      const struct dpkg_package *package, const char *suffix,
	      struct err *err);

/* The path without the "/usr" that merged-usr made meaningless. */
struct slice dpkg_path(struct slice path);

#endif
