#ifndef SECCOMP_ORDER_H
#define SECCOMP_ORDER_H

/*
 * order: lists that are sorted again and again while they grow. What is new is
 * sorted by its digits and merged, which costs little where that is little.
 */
#include "seccomp/reach.h"

/*
 * Sort count elements, of which the first *sorted are already, which is all of
 * them then. Edges are sorted by to, those with the same by from; what is equal
 * in both stays as it was.
 */
void order_edges(struct reach_edge *at, size_t count, size_t *sorted);
void order_addresses(uint64_t *at, size_t count, size_t *sorted);

#endif
