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

struct err;
struct service;

enum { ENVIRONMENT_FILE_MAX = 64 * 1024 };

struct environment {
	char **all; /* NAME=value; ends with NULL */
	size_t count;
	size_t given; /* how many of them the engine's, the first */
	char *text;   /* what files held, or NULL where there are none */
	char *end;
};

/*
 * Put the engine's environment and the service's together, and read the files
 * with the privileges of this moment. The result points into envp, service
 * and memory of its own. The descriptors of SecretFD= are open from now on
 * and pass through execve.
 *
 * Messages name the key, the file and in an EnvironmentFile the line, and
 * quote nothing that was read.
 */
int environment_make(struct environment *env, char **envp,
		     const struct service *service, struct err *err);

/* Overwrite what was read, once the program has it: those settings are gone. */
void environment_wipe(struct environment *env);

#endif
