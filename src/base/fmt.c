#include "base/fmt.h"

#include <stdbool.h>
#include <stdint.h>

struct out {
	char *at;
	char *end; /* the last byte, kept for the terminator */
};

static void put(struct out *out, char c)
{
	if (out->at < out->end)
		*out->at++ = c;
}

static void put_text(struct out *out, const char *text, size_t max)
{
	if (!text)
		text = "(null)";
	while (max-- && *text)
		put(out, *text++);
}

static void put_number(struct out *out, unsigned long long value,
		       unsigned int base)
{
	char digits[24];
	size_t n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(out, digits[--n]);
}

enum width { WIDTH_INT, WIDTH_LONG, WIDTH_LLONG, WIDTH_SIZE };

/* Read the length modifier at *p and step over it. */
static enum width width_of(const char **p)
{
	if (**p == 'z') {
		(*p)++;
		return WIDTH_SIZE;
	}
	if (**p != 'l')
		return WIDTH_INT;
	(*p)++;
	if (**p != 'l')
		return WIDTH_LONG;
	(*p)++;
	return WIDTH_LLONG;
}

/* va_list decays when it is an array, so it travels inside a struct. */
struct args {
	va_list list;
};

static unsigned long long next_unsigned(struct args *args, enum width width)
{
	switch (width) {
	case WIDTH_LONG:
		return va_arg(args->list, unsigned long);
	case WIDTH_LLONG:
		return va_arg(args->list, unsigned long long);
	case WIDTH_SIZE:
		return va_arg(args->list, size_t);
	default:
		return va_arg(args->list, unsigned int);
	}
}

static int next_int(struct args *args)
{
	return (int)next_unsigned(args, WIDTH_INT);
}

static void put_signed(struct out *out, struct args *args, enum width width)
{
	unsigned long long value = next_unsigned(args, width);

	if (width == WIDTH_INT)
		value = (unsigned long long)(int)value;
	if ((long long)value < 0) {
		put(out, '-');
		value = 0 - value;
	}
	put_number(out, value, 10);
}

/* Print the conversion that starts after '%'; returns what follows it. */
static const char *put_conversion(struct out *out, const char *p,
				  struct args *args)
{
	size_t max = SIZE_MAX;

	if (p[0] == '.' && p[1] == '*') {
		int n = next_int(args);

		max = n < 0 ? 0 : (size_t)n;
		p += 2;
	}
	enum width width = width_of(&p);

	switch (*p) {
	case '%':
		put(out, '%');
		break;
	case 'c':
		put(out, (char)next_int(args));
		break;
	case 's':
		put_text(out, va_arg(args->list, const char *), max);
		break;
	case 'd':
		put_signed(out, args, width);
		break;
	case 'u':
		put_number(out, next_unsigned(args, width), 10);
		break;
	case 'x':
		put_number(out, next_unsigned(args, width), 16);
		break;
	case 'o':
		put_number(out, next_unsigned(args, width), 8);
		break;
	default:
		put(out, '%');
		return p;
	}
	return p + 1;
}

size_t fmt_v(char *buf, size_t cap, const char *format, va_list list)
{
	struct out out = { buf, buf + cap - 1 };
	struct args args;

	va_copy(args.list, list);
	while (*format) {
		if (*format == '%')
			format = put_conversion(&out, format + 1, &args);
		else
			put(&out, *format++);
	}
	va_end(args.list);
	*out.at = '\0';
	return (size_t)(out.at - buf);
}

size_t fmt(char *buf, size_t cap, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t n = fmt_v(buf, cap, format, args);
	va_end(args);
	return n;
}
