#ifndef IMAGE_INVENTORY_WORK_H
#define IMAGE_INVENTORY_WORK_H

/*
 * inventory_work: an inventory in the making, for inventory*.c alone. Packages
 * are numbered as they are found; the numbers become places when all are
 * known and sorted.
 */
#include "base/list.h"
#include "image/inventory.h"

struct evidence;

struct inventory_found {
	struct inventory_package package;
	size_t number;
};

struct inventory_work {
	struct evidence *evidence;
	LIST(struct inventory_found) packages;
	LIST(struct inventory_file) files; /* by path; owner: a number */
};

/* No package owns the file. */
#define INVENTORY_NOBODY SIZE_MAX

/* Add a package, whose texts it takes over: its number. */
size_t inventory_add(struct inventory_work *work,
		     struct inventory_package package);

/*
 * Debian's packages, and the files that they own. The evidence is sorted, and
 * says which files are there.
 */
void inventory_add_debian(struct inventory_work *work);

/* Go's modules and Rust's crates, and the files that nobody else owns. */
void inventory_add_programs(struct inventory_work *work);

#endif
