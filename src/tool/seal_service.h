#ifndef TOOL_SEAL_SERVICE_H
#define TOOL_SEAL_SERVICE_H

/* seal_service: the service.conf that somebody wrote for pith seal. */
struct err;
struct recipe;

/*
 * Start *recipe with the service section of that file, or the defaults for
 * NULL. It points into *text, which the caller frees, and at file.
 */
int seal_read_service(struct recipe *recipe, char **text, const char *file,
		      struct err *err);

#endif
