#ifndef INIT_ENVIRONMENT_H
#define INIT_ENVIRONMENT_H

/*
 * environment: what the program finds in its environment.
 *
 * Of two settings of one name the later in this list holds: Environment=,
 * EnvironmentFile=, the engine's environment, Secret=, SecretFD=. The engine
 * wins over what is a default. A secret is none: who says which file holds a
 * password must not get another one from a variable that was left over, and
 * no number is right for a descriptor but its own.
 */
#include <stddef.h>

#include "data/service.h"

struct err;

enum { ENVIRONMENT_FILE_MAX = 64 * 1024 };

struct environment {
	char **all; /* NAME=value; ends with NULL */
	size_t count;
	size_t given; /* how many of them the engine's, the first */
	void *memory; /* for all of this, kept from one making to the next */
	char *text;   /* what files held, or NULL where there are none */
	char *end;
	size_t fd_count;
	int fds[SERVICE_WORDS_MAX]; /* of SecretFD= */
};

/* Where it comes from. */
struct environment_source {
	char **envp;
	size_t count;	  /* of envp */
	char *const *own; /* pith-init's own settings; ends with NULL */
	const struct service *service;
};

/*
 * Put the engine's environment, the service's and pith-init's together, and read the files
 * with the privileges of this moment. The result points into the source
 * and memory of its own. *env must be zero the first time; it may be made again
 * once forgotten, when it reads the files anew. The descriptors of SecretFD= are open from now on
 * and pass through execve.
 *
 * Messages name the key, the file and in an EnvironmentFile the line, and
 * quote nothing that was read.
 */
int environment_make(struct environment *env,
		     const struct environment_source *from, struct err *err);

/*
 * Once the program has it: overwrite what was read and close SecretFD='s, so
 * that those settings are gone here.
 */
void environment_forget(struct environment *env);

#endif
