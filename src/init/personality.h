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
	char name[10];	   /* before messages */
	char version[14];  /* before the version */
	uint8_t kind;	   /* one enum personality_kind */
	uint8_t failed;	   /* exit code of init's own failures */
	uint8_t refused;   /* of a program that may not be executed */
	uint8_t missing;   /* of one that is not there */
	uint8_t other;	   /* of any other failure of execve; 0: refused */
	bool is_on_stderr; /* where help and version go */
	struct behaviour behaviour;
};

enum {
	OPTION_MORE = 0xff,   /* as a value: one more than before */
	OPTION_VALUED = 0x80, /* as a field, from here on: a value follows */
	OPTION_DEATH_SIGNAL = OPTION_VALUED,
	OPTION_SETTING, /* a key of [Service] and its value */
	OPTION_REWRITE,
	OPTION_SUCCESS,
	OPTION_VERBOSITY,
};

/* What a flag does: put value into the byte at field of struct behaviour. */
struct option {
	uint8_t in; /* the personalities that know it */
	uint8_t field;
	uint8_t value;
};

/* By the name that it was started with; a pith-init under any other name. */
const struct personality *personality_of(const char *path);

/*
 * What an apply_exit is in this personality; error is the errno of the
 * execve that failed, or 0.
 */
int personality_exit(const struct personality *as, int code, int error);

/* What -LETTER or --NAME does in this personality, or NULL. */
const struct option *personality_letter(const struct personality *as,
					char letter);
const struct option *personality_word(const struct personality *as,
				      struct slice name);

/*
 * What an environment variable does, or NULL. *value is then its value, which
 * only OPTION_VERBOSITY has a use for.
 */
const struct option *personality_variable(const struct personality *as,
					  const char *assignment,
					  const char **value);

/* Store the letters that this personality knows; room is for all of them. */
enum { PERSONALITY_LETTERS = 32 };
void personality_letters(char out[PERSONALITY_LETTERS],
			 const struct personality *as);

#endif
