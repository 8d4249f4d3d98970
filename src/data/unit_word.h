#ifndef DATA_UNIT_WORD_H
#define DATA_UNIT_WORD_H

/*
 * unit_word: the words of a unit's values: quotes and escapes as
 * systemd.syntax(7) has them, specifiers as systemd.unit(5) does.
 */
#include <stdbool.h>

#include "base/slice.h"

struct buf;
struct err;
struct service_words;

/* What specifiers stand for; see unit_name_of(). */
struct unit_name {
	struct slice full;     /* %n: "postgresql@15-main.service" */
	struct slice prefix;   /* %p: "postgresql" */
	struct slice instance; /* %i: "15-main" */
	bool is_template;      /* "postgresql@.service": no instance */
};

/* Take a file's path apart. instance, or NULL, is a template's. */
struct unit_name unit_name_of(const char *path, const char *instance);

/*
 * Append the next word of *rest to out, unquoted. Returns 1, 0 at the end, or
 * -1 when a quote stays open or an escape makes a byte that a recipe cannot
 * hold. As in systemd, an escape that means nothing stands for itself.
 */
int unit_take_word(struct buf *out, struct slice *rest, struct err *err);

/*
 * Append text with its specifiers replaced. Returns 0, or -1 for one whose
 * value only the machine that runs the unit has.
 */
int unit_expand(struct buf *out, struct slice text,
		const struct unit_name *name, struct err *err);

/*
 * Append a word of a command line, of one that begins with $NAME the words,
 * quoted as pith-service(5) has it and each behind a blank. Variables are
 * those of environment, NAME=value each; others are empty, and *missing is the
 * last of them.
 */
void unit_add_variables(struct buf *out, const char *word,
			const struct service_words *environment,
			struct buf *missing);

#endif
