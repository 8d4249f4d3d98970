#ifndef TOOL_SEEN_H
#define TOOL_SEEN_H

/*
 * seen: what the traces of a recipe's program have seen it call, held against
 * what its code can call and what its filter lets through.
 */
#include <stdbool.h>

struct build;
struct err;
struct passed;

/*
 * Fill what the image says of it (recipe->filter), what of the derived calls
 * the filter refuses (automatic.dropped), and notes. is_derived: the words
 * say auto. A traced call that neither the code makes nor the filter lets
 * through is an error: one of the two is wrong about the program.
 */
int seen_check(struct build *build, const struct passed *filter,
	       bool is_derived, struct err *err);

#endif
