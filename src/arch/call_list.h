#ifndef ARCH_CALL_LIST_H
#define ARCH_CALL_LIST_H

/*
 * call_list: the calls of a machine as a text that PID 1 can look one up in
 * (/etc/pith/calls): row n is of call n, a name, a blank and a letter for each
 * argument, or empty. Letters: d a signed number, s the address of a string,
 * x any other.
 */
struct arch;
struct buf;

void call_list_print(struct buf *out, const struct arch *arch);

#endif
