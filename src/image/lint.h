#ifndef IMAGE_LINT_H
#define IMAGE_LINT_H

/*
 * lint: what is wrong with an image that engines load, and with images that
 * none or not all of them do. The rules are data: each has a stable name, how
 * grave it is, and why.
 */
#include <stddef.h>

struct arch;
struct err;

enum lint_severity { LINT_NOTE, LINT_WARNING, LINT_ERROR };

struct lint_rule {
	const char *id; /* for ever */
	enum lint_severity severity;
	const char *says;
	const char *why; /* and what to do */
};

/* By enum lint_id of lint_work.h. */
extern const struct lint_rule lint_rules[];
extern const size_t lint_rule_count;

/* The rule by that name; NULL with *err filled, naming the nearest. */
const struct lint_rule *lint_rule_find(const char *id, struct err *err);

/* Who is told: the rule, whom it concerns ("" the image), and details. */
struct lint_sink {
	void (*find)(void *to, const struct lint_rule *rule,
		     const char *subject, const char *detail);
	void *to;
};

/*
 * Lint the archive. Returns 0 when it could be read, however bad it is, or
 * -1; what was found before is told in both cases.
 */
int lint_archive(const struct lint_sink *sink, const char *path,
		 const struct arch *arch, struct err *err);

#endif
