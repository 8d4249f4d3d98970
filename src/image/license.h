#ifndef IMAGE_LICENSE_H
#define IMAGE_LICENSE_H

/*
 * license: a package's license as an SPDX expression, from its copyright file
 * where that is machine-readable (Debian's copyright-format 1.0, "DEP-5").
 */
#include <stdbool.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Append one expression that holds for all files: the licenses of each
 * paragraph, joined by AND, in order and each once. A license that SPDX does
 * not list becomes LicenseRef-NAME. False, and nothing appended, for a text
 * of another form, or without a license.
 */
bool license_expression(struct buf *out, struct slice copyright);

/*
 * The next LicenseRef-NAME of an expression, which moves behind it. False
 * where there is none.
 */
bool license_next_ref(struct slice *ref, struct slice *expression);

#endif
