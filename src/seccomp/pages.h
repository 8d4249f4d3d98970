#ifndef SECCOMP_PAGES_H
#define SECCOMP_PAGES_H

/*
 * pages: the addresses that code makes out of two instructions, one for the
 * page (aarch64's adrp) and any number of others, often far behind it, that
 * add to it or read and write there.
 */
#include <stddef.h>

struct reach;

/*
 * Follow the pages of reach->pages from number first on, each over every path
 * to whatever counts from it, and link to what the sums mean.
 */
void pages_follow(struct reach *reach, size_t first);

#endif
