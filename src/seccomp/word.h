#ifndef SECCOMP_WORD_H
#define SECCOMP_WORD_H

/*
 * word: the names in policies, and how messages show those that are wrong.
 */
#include <stdbool.h>

#include "base/slice.h"

struct arch;
struct err;

/* A word of the input, cut and cleaned so that a terminal can show it. */
struct word_shown {
	char text[41];
};

struct word_shown word_shown(struct slice word);

/* Whether one of pith's architectures has a call of that name. */
bool word_is_call(struct slice name);

/* Say that there is no such call or group, and which is near. Returns -1. */
int word_unknown(const struct arch *arch, struct slice word, struct err *err);

#endif
