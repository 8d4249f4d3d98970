#ifndef BASE_FMT_H
#define BASE_FMT_H

/*
 * fmt: the few printf conversions that pith needs, in a few hundred bytes.
 *
 * PID 1 links no stdio: every byte of it counts. Supported: %% %c %s
 * %.*s %d %u %x %o, the last four also with l, ll or z. No flags, no width.
 * Any other conversion is printed as it stands, so a mistake is visible.
 */
#include <stdarg.h>
#include <stddef.h>

/*
 * Format into buf, which holds cap bytes (cap > 0), cut to fit and always
 * terminated. Returns the number of bytes stored before the terminator.
 */
__attribute__((format(printf, 3, 0))) size_t fmt_v(char *buf, size_t cap,
						   const char *format,
						   va_list list);

__attribute__((format(printf, 3, 4))) size_t fmt(char *buf, size_t cap,
						 const char *format, ...);

#endif
