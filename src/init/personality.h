#ifndef INIT_PERSONALITY_H
#define INIT_PERSONALITY_H

/*
 * personality: the programs that pith-init stands in for when it has their
 * name, as tables: their defaults, exit codes, flags and variables. tini(1),
 * dumb-init(1), catatonit and the pause container of Kubernetes.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "init/behaviour.h"

enum personality_kind {
	PERSONALITY_PITH = 1,
	PERSONALITY_TINI = 2,
	PERSONALITY_DUMB = 4,
	PERSONALITY_CATATONIT = 8,
	PERSONALITY_PAUSE = 16,
};

struct personality {
	char name[12];	 /* what the program's name begins with */
	char prefix[13]; /* of messages */
	uint8_t kind;
	uint8_t failed;	   /* exit code of init's own failures */
	uint8_t refused;   /* of a program that may not be executed */
	uint8_t not_found; /* of one that is not there */
	uint8_t other;	   /* of any other failure of execve; 0: refused */
	bool is_on_stderr; /* where help and version go */
	struct behaviour behaviour;
	const char *usage; /* NULL: main's */
	const char *version;
};

enum option_what {
	OPTION_GROUP,
	OPTION_CHILD,
	OPTION_ADOPT,
	OPTION_REAPING,
	OPTION_VERBOSE,
	OPTION_TRACE,
	OPTION_PAUSE,
	OPTION_HELP,
	OPTION_VERSION,
	OPTION_LICENSE,
	OPTION_VALUED, /* from here on a value follows */
	OPTION_DEATH_SIGNAL = OPTION_VALUED,
	OPTION_VERBOSITY,
	OPTION_SETTING, /* a key of [Service] and its value */
	OPTION_REWRITE,
	OPTION_SUCCESS,
};

/* By the name that it was started with; a pith-init under any other name. */
const struct personality *personality_of(const char *path);

/*
 * What an apply_exit is in this personality; error is the errno of the
 * execve that failed, or 0.
 */
int personality_exit(const struct personality *as, int code, int error);

/* What -LETTER or --NAME means to this personality, or -1. */
int personality_letter(const struct personality *as, char letter);
int personality_word(const struct personality *as, struct slice name);

/*
 * What an environment variable means, or -1. *value is then its value, which
 * only OPTION_VERBOSITY has a use for.
 */
int personality_variable(const struct personality *as, const char *assignment,
			 const char **value);

#endif
