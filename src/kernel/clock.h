#ifndef KERNEL_CLOCK_H
#define KERNEL_CLOCK_H

/* clock: time that nobody sets. */
#include <stdint.h>

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t clock_ms(void);

#endif
