#ifndef DATA_RIGHTS_H
#define DATA_RIGHTS_H

/*
 * rights: what the Landlock keys of [Service] restrict, and from which ABI of
 * the kernel's on that can be had. docs/decisions/landlock.md has the table.
 *
 * One number holds all rights: LANDLOCK_ACCESS_FS_* as they are, and from
 * RIGHTS_NET and RIGHTS_SCOPE on LANDLOCK_ACCESS_NET_* and LANDLOCK_SCOPE_*.
 */
#include <stddef.h>
#include <stdint.h>

struct service;

enum {
	RIGHTS_NET = 16,
	RIGHTS_SCOPE = 18,
	RIGHTS_KEYS = 6,	  /* SERVICE_LANDLOCK, then LandlockScope= */
	RIGHTS_ABI_LOGS = 7,	  /* restricts no more, but can be logged */
	RIGHTS_FILES = 0xffff,	  /* all of them */
	RIGHTS_EXECUTE = 0x1,	  /* LANDLOCK_ACCESS_FS_EXECUTE */
	RIGHTS_READ = 0xc,	  /* READ_FILE and READ_DIR */
	RIGHTS_REFER = 0x2000,	  /* see confine.c */
	RIGHTS_MISSING_MAX = 128, /* bytes of rights_missing */
};

/* What key i of the service's restricts: nothing where it is not set. */
uint32_t rights_wanted(const struct service *service, int i);

/* Its row in the table of keys. */
int rights_key(int i);

/* What a kernel of that ABI can restrict; 0: one without Landlock. */
uint32_t rights_known(int abi);

/* The lowest ABI that knows these, 0 where there are none. */
int rights_abi(uint32_t rights);

/* These rights in words, each with the ABI that it needs. */
void rights_missing(char out[RIGHTS_MISSING_MAX], uint32_t rights);

#endif
