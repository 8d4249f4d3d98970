#ifndef IMAGE_LIBRARIES_H
#define IMAGE_LIBRARIES_H

/*
 * libraries: the files that a program is made of when it runs: itself, the
 * libraries it needs, theirs, and the loader. By reading, not by running.
 */
#include <sys/types.h>

#include "data/elf.h"
#include "image/search.h"
#include "image/sum.h"

struct err;

struct library {
	char *path;	    /* in the image, as the loader finds it */
	char *place;	    /* the same without symbolic links */
	char *file;	    /* on this machine */
	char *real;	    /* the same without symbolic links */
	const char *name;   /* the soname it was asked for by, or the path */
	struct slice bytes; /* mapped */
	struct sum sum;	    /* of them: library_sum() */
	char *soname;
	struct elf elf; /* points into bytes */
	size_t by;	/* who asked first: an index; of the program its own */
	bool is_whole;	/* was asked for by libraries_add */
	bool is_loader;
	bool is_late;	 /* not there before the program runs */
	bool is_given;	 /* path is as the user gave it */
	bool is_planned; /* the view's plan has it already */
	bool is_foreign; /* found beside a file from outside the root */
	dev_t device;
	ino_t inode;
};

/* What to find the files of. */
struct libraries_request {
	const struct view *view;
	const char *path;   /* in the image; NULL: as this machine has it */
	const char *file;   /* on this machine */
	const char *loader; /* of what names none itself, or NULL */
};

struct libraries {
	LIST(struct library) files; /* in the loader's order of scope */
	char *loader;		    /* PT_INTERP, or NULL */
	struct libraries_request request;
	struct libraries_kept *kept; /* request.view is there */
	bool is_missing;   /* the last error: a library is not there */
	bool is_searching; /* the next two are filled in */
	struct found loader_found;
	struct search search;
	/* What leads to them in the image, as far as no plan has it. */
	LIST(struct view_link) links;
	/* Called in the end: the owner of what the view shows. */
	void (*release)(void *released);
	void *released;
};

/*
 * A library that is not found is an error, which says who needs it. The
 * view's plan must last as long as something is added.
 */
int libraries_open(struct libraries *out,
		   const struct libraries_request *request, struct err *err);

/*
 * A library that is opened at run time, by a path on this machine or by
 * soname; messages begin with who opens it.
 */
int libraries_add(struct libraries *libraries, const char *name,
		  const char *who, struct err *err);

/*
 * A library that files.at[by] may open at run time, by soname or by a path of
 * the view. Returns 1, 0 where it, or what it needs, is not there, or -1.
 * *is_news is set when that changes anything; is_whole: whatever it exports
 * may be called.
 */
int libraries_try(bool *is_news, struct libraries *libraries, size_t by,
		  const char *name, bool is_whole, struct err *err);

/* Forget all files behind the first so many. */
void libraries_take_back(struct libraries *libraries, size_t before);

/* Whether one has that soname, or was asked for by it. */
bool libraries_have(const struct libraries *libraries, const char *name);
void libraries_close(struct libraries *libraries);

/* The digest of its bytes, made when it is asked for first. */
const struct sum *library_sum(struct library *file);

/* Where its path leads, or "" if to no other one; and where it is here. */
const char *library_real(const struct library *file);
const char *library_source(const struct library *file);

#endif
