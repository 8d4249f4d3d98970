#ifndef INIT_PRIVILEGES_H
#define INIT_PRIVILEGES_H

/*
 * privileges: the steps by which the child gives up ids and capabilities, in
 * the order of the table in steps.c, which docs/decisions/order-of-steps.md
 * explains. Each returns 0, or -1 with errno set.
 */
struct steps_child;

int privileges_raise_ambient(struct steps_child *child);
int privileges_drop_bounding(struct steps_child *child);
int privileges_lock_bits(struct steps_child *child);
int privileges_set_groups(struct steps_child *child);
int privileges_set_gid(struct steps_child *child);
int privileges_set_uid(struct steps_child *child);
int privileges_set_bits(struct steps_child *child);
int privileges_clear(struct steps_child *child);

#endif
