#ifndef BASE_NUM_H
#define BASE_NUM_H

/*
 * num: text to numbers, strictly. The whole slice is the number: no blanks,
 * no sign, no overflow. Each returns false and leaves *out alone otherwise.
 */
#include <stdint.h>

#include "base/slice.h"

bool num_u64(uint64_t *out, struct slice text);
bool num_u32(uint32_t *out, struct slice text);
bool num_octal(uint32_t *out, struct slice text);

/* Lower-case hexadecimal of at most 16 digits, as the kernel prints it. */
bool num_hex(uint64_t *out, struct slice text);

/* A size: decimal with an optional K, M, G or T (powers of 1024). */
bool num_size(uint64_t *out, struct slice text);

/*
 * A time span as systemd.time(7) writes it, in milliseconds: a number is
 * seconds, or terms such as "1min 30s", "500ms"; "infinity" is UINT64_MAX.
 */
bool num_span_ms(uint64_t *out, struct slice text);

/* "yes", "true", "on", "1" or "no", "false", "off", "0". */
bool num_bool(bool *out, struct slice text);

#endif
