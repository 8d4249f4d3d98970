#ifndef IMAGE_IDENTITY_H
#define IMAGE_IDENTITY_H

/*
 * identity: what tells scanners whose files an image holds, as distroless
 * images do it: for each Debian package that a file comes from
 *
 *	/var/lib/dpkg/status.d/NAME		its control fields
 *	/var/lib/dpkg/status.d/NAME.md5sums	its files that are here
 *	/usr/share/doc/NAME/copyright		its license
 *
 * and /usr/lib/os-release, without which no scanner knows whose versions
 * these are.
 */
struct err;
struct plan;
struct root;

/*
 * Add these for the files of a finished plan, whose packages the root's
 * database knows, and finish the plan again. Adds nothing
 * where no file is a package's.
 */
int identity_add(struct plan *plan, const struct root *root, struct err *err);

#endif
