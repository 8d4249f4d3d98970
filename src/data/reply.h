#ifndef DATA_REPLY_H
#define DATA_REPLY_H

/*
 * reply: an HTTP/1.x reply, as far as a probe has to know it: the status line
 * to the letter, of the fields only where they end. A line ends with CR LF or
 * LF (RFC 9112, 2.2).
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum {
	REPLY_HEAD_MAX = 8192, /* bytes, with the empty line */
	REPLY_BODY_MAX = 8192, /* bytes that are searched */
};

struct reply {
	uint32_t status;
	struct slice body; /* what there is of it, to REPLY_BODY_MAX */
};

/*
 * Read a reply from its beginning. Returns 0 with *out filled once the head is
 * whole, 1 for a beginning, or -1 for what is no HTTP/1.x reply or has a head
 * above REPLY_HEAD_MAX. The bytes may come in any pieces: more of them change
 * neither 0 nor -1.
 */
int reply_read(struct reply *out, struct slice bytes);

bool reply_holds(const struct reply *reply, const char *text);

/*
 * Whether the status is in a list such as "200-299,301". Returns 1 or 0, or
 * -1 for what is no such list, whatever the status.
 */
int reply_is_among(const char *list, uint32_t status);

#endif
