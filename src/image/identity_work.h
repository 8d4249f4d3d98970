#ifndef IMAGE_IDENTITY_WORK_H
#define IMAGE_IDENTITY_WORK_H

/*
 * identity_work: an identity in the making, for identity*.c alone.
 */
#include "base/buf.h"
#include "base/list.h"
#include "image/dpkg.h"
#include "image/plan.h"

#define IDENTITY_DOC "/usr/share/doc/"

/* A file of the plan, by its path on the machine or in its root. */
struct identity_file {
	struct dpkg_owner owner;
	const struct plan_entry *entry;
};

/* The files of one package, by what lists call them. */
struct identity_group {
	const struct identity_file *files;
	size_t count;
	const struct dpkg_package *package;
	bool is_further; /* the package is here for another machine, too */
	enum plan_layer layer; /* the lowest that one of them is in */
};

struct identity {
	const struct plan *plan;
	struct plan added;
	struct dpkg dpkg;
	const struct root *root;
	LIST(struct identity_file) files;
	LIST(char *) kept;
	struct buf directory; /* the last one that was resolved, */
	struct buf resolved;  /* and what it is without links */
};

/* Note the entry's file, if it lies where packages put theirs. */
void identity_add_file(struct identity *identity,
		       const struct plan_entry *entry);

/*
 * Find whose the files are, and sort them by package, as the database has
 * them, then by what lists call them.
 */
int identity_find_owners(struct identity *identity, struct err *err);

/* The order of a file and a path as dpkg_path() has it, as of memcmp(3). */
int identity_compare_path(const struct identity_file *file, struct slice path);

/* Add a package's control fields, sums and license. */
int identity_add_package(struct identity *identity,
			 const struct identity_group *group, struct err *err);

/* Add the file at path in the root, where there is one, and a link. */
int identity_add_root_file(struct identity *identity, const char *path,
			   enum plan_layer layer, struct err *err);
int identity_add_link(struct identity *identity, const char *path,
		      const char *link, enum plan_layer layer, struct err *err);

#endif
