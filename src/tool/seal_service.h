#ifndef TOOL_SEAL_SERVICE_H
#define TOOL_SEAL_SERVICE_H

/* seal_service: the service.conf that somebody wrote for pith seal. */
struct err;
struct recipe;

/* The file's text, which the caller frees; NULL for no file. */
int seal_load_service(char **text, const char *file, struct err *err);

/*
 * Start *recipe with the service section of that text of the file, or the
 * defaults for NULL. It points into text, which it changes, and at file.
 */
int seal_read_service(struct recipe *recipe, char *text, const char *file,
		      struct err *err);

#endif
