#ifndef INIT_ENVIRONMENT_H
#define INIT_ENVIRONMENT_H

/*
 * environment: what the program will find in its environment.
 *
 * Of two settings of one name the later of this list holds: Environment=,
 * EnvironmentFile=, the engine's environment, Secret= and SecretFD=. The
 * engine wins over what is a default. A secret is none: who names the file
 * that a password is in must not get another one from a variable that was
 * left over, and SecretFD's number is right only as it is.
 */
#include <stddef.h>

struct err;
struct service;

enum { ENVIRONMENT_FILE_MAX = 64 * 1024 };

/* What the files held: NAME=value, a zero byte, and so on. */
struct environment {
	char *text; /* NULL when there are no files */
	size_t len;
	size_t secrets; /* where in it the secrets begin */
};

/*
 * Read the files, with the privileges of this moment, and put all settings
 * together. *envp is the engine's environment and becomes the program's,
 * which points into it, service and env. The descriptors that SecretFD=
 * promises are open then and pass through execve.
 * Messages name key, file and, in an EnvironmentFile, line; they quote
 * nothing that was read, and err->num is 0.
 */
int environment_merge(struct environment *env, char ***envp,
		      const struct service *service, struct err *err);

/*
 * Overwrite what was read, once the program has it. Its settings in *envp
 * are empty from here on.
 */
void environment_wipe(struct environment *env);

#endif
