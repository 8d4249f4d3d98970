#ifndef DATA_HARDEN_H
#define DATA_HARDEN_H

/*
 * harden: the keys of [Service] that become part of the compiled filter, with
 * systemd's meanings: RestrictAddressFamilies= and so on. A builder reads them
 * and pith-init never sees them; docs/pith-recipe.5 has the list.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

struct arch;
struct buf;
struct err;

enum { HARDEN_FAMILIES_MAX = 64 };

/* What holds where nothing is said is all zero. */
struct harden {
	bool deny_write_execute; /* MemoryDenyWriteExecute= */
	bool lock_personality;
	bool restrict_realtime;
	bool restrict_suid_sgid;
	bool is_tcp_confined;	  /* LandlockBind= or LandlockConnect= */
	bool has_families;	  /* RestrictAddressFamilies= */
	bool families_are_denied; /* ~AF_... : all but these */
	size_t family_count;
	const char *families[HARDEN_FAMILIES_MAX];
	bool has_namespaces; /* RestrictNamespaces= */
	uint32_t namespaces; /* CLONE_NEW*: may not be made or entered */
	bool has_otherwise;  /* SystemCallErrorNumber= */
	uint32_t otherwise;  /* SECCOMP_RET_* */
};

/* The i-th key's name, or NULL past the last. */
const char *harden_key(size_t i);

/* The key's index, or -1 for a key that is none of these. */
int harden_find(struct slice key);

/* Whether each further line of the key adds to it. */
bool harden_is_list(size_t key);

/* Set the key, an index of harden_key(), for a filter for that architecture. */
int harden_set(struct harden *harden, size_t key, const struct arch *arch,
	       struct slice value, struct err *err);

/* Append what the filter has to refuse, as lines of a policy. */
void harden_print(struct buf *out, const struct harden *harden);

#endif
