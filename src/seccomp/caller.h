#ifndef SECCOMP_CALLER_H
#define SECCOMP_CALLER_H

/* caller: where in which program a traced thread is. */
#include <stdint.h>
#include <sys/types.h>

struct buf;

/*
 * Append "NAME: MODULE+0xOFFSET" for the address: the names of the thread and
 * of the mapped file, and the place in the file; "?" for what cannot be known.
 * The names hold whatever their owner wants.
 */
void caller_text(struct buf *out, pid_t tid, uint64_t address);

#endif
