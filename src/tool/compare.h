#ifndef TOOL_COMPARE_H
#define TOOL_COMPARE_H

/*
 * compare: what differs between two images beside their files: how they are
 * started, and what pith put into them. docs/pith.1 lists what counts.
 */
struct diff_sink;
struct err;
struct subject;

/*
 * Tell the differences of config, service.conf and filter. Rewrites what the
 * scans hold of the latter two.
 */
int compare_subjects(const struct diff_sink *sink, struct subject *a,
		     struct subject *b, struct err *err);

#endif
