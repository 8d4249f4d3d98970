#ifndef IMAGE_FILECAPS_H
#define IMAGE_FILECAPS_H

/*
 * filecaps: capabilities of a file, as the kernel reads them from its extended
 * attribute security.capability. See capabilities(7), "File capabilities".
 */
#include <stdint.h>

struct err;

#define FILECAPS_NAME "security.capability"

enum { FILECAPS_SIZE = 20 }; /* of version 2, which knows no namespaces */

/*
 * Encode what cap_from_text(3) reads, such as "cap_net_bind_service=ep"; out
 * may be NULL. Effective is one bit of a file: all that is given or nothing.
 */
int filecaps_encode(uint8_t *out, const char *text, struct err *err);

#endif
