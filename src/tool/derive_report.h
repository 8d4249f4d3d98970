#ifndef TOOL_DERIVE_REPORT_H
#define TOOL_DERIVE_REPORT_H

/*
 * derive_report: what pith profile derive says, for people or as JSON. Kept
 * as JSON until it is printed, so that the two cannot differ.
 */
#include <stdbool.h>
#include <stddef.h>

struct json_t;

struct derive_report {
	struct json_t *programs; /* an array, or NULL while empty */
};

/* Add one program, as derived.h has it. */
void derive_report_add(struct derive_report *report, struct json_t *derived);

/* Print it all on standard output; for people, all programs' calls last. */
void derive_report_print(const struct derive_report *report, size_t open_count,
			 bool is_json);
void derive_report_free(struct derive_report *report);

#endif
