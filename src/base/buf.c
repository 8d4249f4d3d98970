#include "base/buf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/io.h"

enum { BUF_FMT_MAX = 4096 };

__attribute__((noreturn)) static void out_of_memory(void)
{
	static const char text[] = "pith: out of memory\n";

	io_write(2, text, sizeof(text) - 1);
	_Exit(1);
}

void *mem_new(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *mem_grow(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size ? size : 1);

	if (!p)
		out_of_memory();
	return p;
}

char *mem_text(struct slice text)
{
	char *copy = mem_new(text.len + 1, 1);

	if (text.len)
		memcpy(copy, text.at, text.len);
	return copy;
}

void buf_free(struct buf *buf)
{
	free(buf->at);
	*buf = (struct buf){ 0 };
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	size_t need;

	if (__builtin_add_overflow(buf->len, len + 1, &need))
		out_of_memory();
	if (need > buf->cap) {
		size_t cap = buf->cap ? buf->cap : 256;

		while (cap < need)
			cap *= 2;
		buf->at = mem_grow(buf->at, cap, 1);
		buf->cap = cap;
	}
	if (len)
		memcpy(buf->at + buf->len, data, len);
	buf->len += len;
	buf->at[buf->len] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_fmt(struct buf *buf, const char *format, ...)
{
	char text[BUF_FMT_MAX];
	va_list args;

	va_start(args, format);
	size_t n = fmt_v(text, sizeof(text), format, args);
	va_end(args);
	buf_add(buf, text, n);
}
