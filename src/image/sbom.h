#ifndef IMAGE_SBOM_H
#define IMAGE_SBOM_H

/*
 * sbom: an inventory as the two documents that tools exchange. No time, host
 * or version of pith is in them, and their identifiers follow from the image's
 * digest: equal images give equal documents. SPDX 2.3 (ISO/IEC 5962);
 * CycloneDX 1.5 (ECMA-424).
 */
#include <jansson.h>

#include "image/inventory.h"

/* The caller owes json_decref(). */
json_t *sbom_spdx(const struct inventory *inventory);
json_t *sbom_cyclonedx(const struct inventory *inventory);

/* Any bytes as JSON text: what is no UTF-8 becomes question marks. */
json_t *sbom_text(const char *text);

/* Add a member unless the text is empty. */
void sbom_set(json_t *object, const char *key, const char *text);

/* The reference by which people know the image, or its digest. */
const char *sbom_name(const struct inventory *inventory);

#endif
