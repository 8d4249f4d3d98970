#ifndef TOOL_DERIVED_H
#define TOOL_DERIVED_H

/*
 * derived: what an analysis found, as JSON. The same files analysed a second
 * time by the same pith are read from a cache.
 *
 *	program, arch, status "exact"|"open", calls[], unknown_numbers[],
 *	open[] { kind, at, why, why_at, vouched_for, name, shown },
 *	notes[], files[], starts[] (lines: how it comes to start another),
 *	parts[] { path, real (empty: the same), source, sha256, build_id },
 *	chosen[] { by, what, read, found[], absent[], inert }: what is opened
 *	at run time
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct arch;
struct err;
struct libraries;

/*
 * Analyse a program's files, which are taken over, also by a failure.
 * is_complete: somebody vouches that it opens no further library.
 */
int derived_make(json_t **out, struct libraries *libraries, bool is_complete,
		 struct err *err);

/* The machine that its files are for. */
const struct arch *derived_arch(const json_t *derived);

/* Set those of its calls, by number; there are DERIVE_NR_MAX. */
void derived_calls(bool *calls, const json_t *derived);

/* How many places stay open. */
size_t derived_open_count(const json_t *derived);

#endif
