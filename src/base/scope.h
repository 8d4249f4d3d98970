#ifndef BASE_SCOPE_H
#define BASE_SCOPE_H

/*
 * scope: resources that end with their block.
 *
 *	auto_fd int fd = open(...);
 *	...
 *	return steal_fd(&fd);	ownership goes to the caller, visibly
 */
#include <stdlib.h>
#include <unistd.h>

#define auto_fd	  __attribute__((cleanup(scope_close)))
#define auto_free __attribute__((cleanup(scope_free)))

/* Keeps errno: a cleanup must not change the reason of a failure. */
void scope_close(int *fd);

/* free() for a pointer of any type; p is its address. */
static inline void scope_free(void *p)
{
	free(*(void **)p);
}

/* Hand the descriptor over: the block no longer closes it. */
static inline int steal_fd(int *fd)
{
	int kept = *fd;

	*fd = -1;
	return kept;
}

/* Hand the memory over: the block no longer frees it. p: char **, ... */
static inline void *steal_ptr(void *p)
{
	void *kept = *(void **)p;

	*(void **)p = NULL;
	return kept;
}

#endif
