#ifndef DATA_DEB822_H
#define DATA_DEB822_H

/*
 * deb822: Debian's control files, as dpkg's database and machine-readable
 * copyright files are written: paragraphs of "Field: value" lines, where a
 * line that begins with a blank goes on with the value before it. Untrusted
 * bytes; nothing is copied. deb822(5).
 */
#include <stdbool.h>

#include "base/slice.h"

struct deb822_field {
	struct slice name;
	struct slice value; /* with the line breaks and blanks inside it */
};

/*
 * Take the next paragraph off the front of *rest: its lines, without the
 * empty ones around it. False when only empty lines were left.
 */
bool deb822_paragraph(struct slice *paragraph, struct slice *rest);

/*
 * Take the next field off the front of a paragraph. Lines that are neither a
 * field nor part of one, and comments, are passed over. False at the end.
 */
bool deb822_field(struct deb822_field *field, struct slice *paragraph);

/* A paragraph's field by name, whatever its case; empty where it has none. */
struct slice deb822_get(struct slice paragraph, const char *name);

#endif
