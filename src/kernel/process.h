#ifndef KERNEL_PROCESS_H
#define KERNEL_PROCESS_H

/* process: prctl(2) on the calling process. */

/* An option of one value; returns as prctl(2) does. */
int process_set(int option, unsigned long value);

#endif
