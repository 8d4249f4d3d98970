#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * buf: a growing run of bytes, for the host tool. Running out of memory ends
 * the program with one line: a build has nothing better to do.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct buf {
	char *at; /* NULL until the first byte; then one zero byte follows */
	size_t len;
	size_t cap;
};

#define auto_buf __attribute__((cleanup(buf_free)))

void buf_free(struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_text(struct buf *buf, const char *text);

/* Append text made by fmt(); at most 4095 bytes a call. */
__attribute__((format(printf, 2, 3))) void buf_fmt(struct buf *buf,
						   const char *format, ...);

static inline struct slice buf_slice(const struct buf *buf)
{
	return (struct slice){ buf->at ? buf->at : "", buf->len };
}

/* calloc, realloc and strndup that do not fail (they end the program). */
void *mem_new(size_t count, size_t size);
void *mem_grow(void *old, size_t count, size_t size);
char *mem_text(struct slice text);

#endif
