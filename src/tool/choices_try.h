#ifndef TOOL_CHOICES_TRY_H
#define TOOL_CHOICES_TRY_H

/*
 * choices_try: what may be opened is looked for, and becomes a file of the
 * program unless it is inert. For choices.c alone.
 */
#include "tool/choices.h"

/* The question, and where its answer goes. */
struct choices_work {
	struct choice *choice;
	struct libraries *libraries;
	bool *is_news;
	struct err *err;
};

/*
 * Append a configuration file's text; nothing where it is not there. The choice
 * remembers the first that is. 0 or -1.
 */
int choices_read(struct buf *out, const struct choices_work *work,
		 const char *path);

/*
 * Call visit for each file of a directory whose name ends so, until one returns
 * other than 0. 0 or what that was.
 */
int choices_each(const struct choices_work *work, const char *dir,
		 const char *ending,
		 int (*visit)(const struct choices_work *work,
			      const char *path));

/* A library by name or path: found, or absent, in the choice. 0 or -1. */
int choices_try(const struct choices_work *work, const char *name,
		bool is_whole);

/* All libraries of a directory. 0 or -1. */
int choices_try_directory(const struct choices_work *work, const char *path);

/*
 * A library that came alone, behind so many files, and is inert has nothing to
 * be analysed: take it back.
 */
void choices_drop_inert(const struct choices_work *work, size_t before);

#endif
