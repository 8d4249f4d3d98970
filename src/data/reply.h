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

enum reply_state {
	REPLY_MORE, /* a beginning */
	REPLY_HEAD, /* the head is whole; *out is filled */
	REPLY_BAD,  /* no HTTP reply, or a head above REPLY_HEAD_MAX */
};

struct reply {
	uint32_t status;   /* 100 to 599 */
	struct slice body; /* what there is of it, to REPLY_BODY_MAX */
};

/*
 * Read a reply from its beginning. The bytes may come in any pieces: what is
 * said of the first, unless REPLY_MORE, holds for the whole.
 */
enum reply_state reply_read(struct reply *out, struct slice bytes);

bool reply_holds(const struct reply *reply, const char *text);

/*
 * Whether the status is in a list such as "200-299,301". Returns 1 or 0, or
 * -1 for what is no such list, whatever the status.
 */
int reply_is_among(const char *list, uint32_t status);

#endif
