#ifndef TOOL_SEAL_BESIDE_H
#define TOOL_SEAL_BESIDE_H

/*
 * seal_beside: what an index lists beside its images, and whether it stays when
 * these are sealed. An attestation or a bill of materials names the manifest
 * that it is about; sealed, that is another one, which it says nothing of.
 */
#include <jansson.h>
#include <stdbool.h>

struct err;
struct reader;

struct seal_beside {
	json_t *subjects; /* by digest, what an entry is about, or null */
};

/*
 * Read what each entry of the list that is no image is about: BuildKit's
 * annotation says it, or the manifest's subject. seal_beside_free() is owed,
 * also after a failure.
 */
int seal_beside_read(struct seal_beside *out, const struct reader *reader,
		     const json_t *list, struct err *err);

/* Whether an entry is about nothing, or about another one that stays. */
bool seal_beside_stays(const struct seal_beside *beside, const json_t *entry);
void seal_beside_free(struct seal_beside *beside);

#endif
