#ifndef BASE_LIST_H
#define BASE_LIST_H

/*
 * list: a growing array of anything, for the host tool.
 *
 *	LIST(struct edge) edges;	all zeros is the empty list
 *	LIST_ADD(&edges, (struct edge){ to, from });
 *	free(edges.at);
 */
#include "base/buf.h"

#define LIST(type)                 \
	struct {                   \
		type *at;          \
		size_t count, cap; \
	}

#define LIST_ADD(list, ...)                                               \
	do {                                                              \
		if ((list)->count == (list)->cap) {                       \
			(list)->cap = (list)->cap ? 2 * (list)->cap : 16; \
			(list)->at = mem_grow((list)->at, (list)->cap,    \
					      sizeof(*(list)->at));       \
		}                                                         \
		(list)->at[(list)->count++] = (__VA_ARGS__);              \
	} while (0)

#endif
