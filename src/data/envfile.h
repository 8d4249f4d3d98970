#ifndef DATA_ENVFILE_H
#define DATA_ENVFILE_H

/*
 * envfile: a file of NAME=value lines, as EnvironmentFile= names them.
 *
 * The syntax is that of systemd.exec(5). A line that begins with '#' or ';'
 * is a comment. Blanks around NAME and around the value do not count. A value
 * that begins with a quote may hold newlines: '...' is verbatim; in "..." a
 * backslash makes '"', '\', '`' and '$' plain, joins lines, and stays before
 * anything else. Without quotes it makes any character plain and joins lines,
 * and later quotes stand for themselves. Nothing is expanded.
 *
 * Stricter than there: a line that is no assignment, a name that shells could
 * not use, an open quote and a zero byte are errors, not skipped.
 */
#include <stddef.h>

struct err;

/*
 * Rewrite text, len bytes with room for one more, as assignments
 * "NAME=value", each with a zero byte behind it, one after another from the
 * front of text on; *out_len is their length. Messages begin with the number
 * of the line that the assignment began in and quote nothing from text, which
 * may be secret.
 */
int envfile_parse(size_t *out_len, char *text, size_t len, struct err *err);

/*
 * Where the portable name (letters, digits and '_', no digit first) at the
 * front of text ends; text itself when there is none.
 */
const char *envfile_name_end(const char *text);

#endif
