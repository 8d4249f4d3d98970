#ifndef ARCH_CALL_LIST_H
#define ARCH_CALL_LIST_H

/*
 * call_list: the calls of a machine, the constants that their arguments take
 * and the names of errors, as the text that PID 1 looks them up in: see
 * data/calls.h.
 */
struct arch;
struct buf;

void call_list_print(struct buf *out, const struct arch *arch);

#endif
