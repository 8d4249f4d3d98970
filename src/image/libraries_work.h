#ifndef IMAGE_LIBRARIES_WORK_H
#define IMAGE_LIBRARIES_WORK_H

/* libraries_work: what the files of libraries share with each other alone. */
#include "image/libraries.h"

struct plan_entry;

/* The view, for as long as something may be added. */
struct libraries_kept {
	struct root root;
	struct view view;
};

/*
 * Add the file that the loader finds at path; name is what it was asked for
 * by, or NULL for the program; planned is what the plan has there, or NULL.
 */
int libraries_load(struct libraries *libraries, const char *path,
		   const char *host, const char *name,
		   const struct plan_entry *planned, struct err *err);

/* What files.at[by] asks for by that name; who is that one for people. */
int libraries_load_needed(struct libraries *libraries, size_t by,
			  const char *who, const char *name, struct err *err);

/*
 * What the files from one on need. Breadth first, as the loader does: the
 * order of the scope.
 */
int libraries_load_all(struct libraries *libraries, size_t from,
		       struct err *err);

void libraries_free_file(struct library *file);

#endif
