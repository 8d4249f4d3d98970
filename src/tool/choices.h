#ifndef TOOL_CHOICES_H
#define TOOL_CHOICES_H

/*
 * choices: the libraries that a program opens at run time, as far as the files
 * of its image, or of this machine, tell which they are.
 */
#include "image/libraries.h"
#include "image/sum.h"
#include "seccomp/derive.h"

/* One question of an analysis, and the answer. */
struct choice {
	const struct known *known; /* NULL: name is a library's */
	char *name;
	size_t by;	     /* whose: an index of the libraries' files */
	char *read;	     /* the configuration, or NULL */
	struct sum read_sum; /* of its bytes */
	LIST(char *) found;  /* as they are asked for */
	LIST(char *) absent; /* what was named and is not there */
	size_t inert_count;  /* that need no analysis of their own */
	char *inert_at;	     /* the file, or one beside them */
	struct sum inert;    /* of their names and bytes */
	bool is_partial;     /* what else it may be is not known */
};

struct choices {
	LIST(struct choice) all;
};

/*
 * Answer one question, unless it was before: the libraries get what it names.
 * *is_news is set when they did, and must be analysed once more.
 */
int choices_answer(bool *is_news, struct choices *choices,
		   struct libraries *libraries, const struct derive_ask *ask,
		   struct err *err);

/* The same for all that an analysis asked. */
int choices_answer_all(bool *is_news, struct choices *choices,
		       struct libraries *libraries, const struct derive *derive,
		       struct err *err);

/* Whether that question was answered. */
bool choices_have(const struct choices *choices, const struct derive_ask *ask);

/* What the next analysis depends on beside the libraries. */
void choices_print_key(struct buf *out, const struct choices *choices);

void choices_free(struct choices *choices);

#endif
