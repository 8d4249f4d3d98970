#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

/*
 * report: what pith inspect says about an image, as one JSON object. The
 * table for people is printed from the same object, so both agree.
 *
 *	file, names[], digest|null, format, platform,
 *	size { packed, unpacked }, entries,
 *	layers[] { digest|null, diff_id, packed, unpacked, entries },
 *	config { user, entrypoint[], cmd[], env[], ports[], volumes[],
 *		 directory, labels{}, stop_signal, health[] },
 *	service|null { KEY: value },
 *	filter|null { digest, architecture, instructions, starts_once,
 *		      program|null { path, size }, calls[],
 *		      conditional[] (those of calls whose arguments
 *		      matter) }
 *	evidence|null { derived|null[], traced|null[] (what the code calls and
 *		      what traces saw, by the image's labels),
 *		      unforeseen[] (traced, not derived),
 *		      refused[] (traced, and refused by the filter),
 *		      dropped[], closed[] (derived, and refused: by the recipe;
 *		      by the gate or whatever the policy says),
 *		      untraced[] (derived, allowed and never traced) }
 *	code (where asked for) { why } or { status, calls[], files[], open[],
 *		      refused[] (that the filter refuses),
 *		      spare[] (that the filter allows and no code calls) }
 */
#include <jansson.h>

struct arch;
struct err;
struct scan;

/* Read the archive, as subject_open() does; every digest in it is checked. */
int report_make(json_t **out, const char *path, const struct arch *arch,
		struct err *err);

/*
 * The report's service and filter alone; null where the image has none.
 * Each rewrites what the scan holds of it: one call each.
 */
json_t *report_service(struct scan *scan, struct err *err);
json_t *report_filter(struct scan *scan, struct err *err);

/* The report's evidence, of the config's labels and that filter; or null. */
json_t *report_evidence(const json_t *labels, const json_t *filter);

/*
 * Add what the image's program can call, by its code and that of the
 * libraries in the image; or why that is not known.
 */
void report_add_code(json_t *report, const char *path, const struct arch *arch);

/* Print the table on standard output; control characters are shown as '?'. */
void report_print(const json_t *report);

#endif
