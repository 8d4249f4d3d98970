#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

/* process: attributes of the calling process. */

/* An option of one value; returns as prctl(2) does. */
int process_set(int option, unsigned long value);

/*
 * How willingly the kernel gives it the processor, and, as text, how willingly
 * it kills it when memory is short. Each returns 0, or -1 with errno set.
 */
int process_set_nice(int nice);
int process_set_oom_score(const char *score);

#endif
