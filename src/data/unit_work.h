#ifndef DATA_UNIT_WORK_H
#define DATA_UNIT_WORK_H

/* unit_work: what the files of unit_import share. */
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/harden.h"
#include "data/service.h"
#include "data/unit.h"
#include "data/unit_key.h"
#include "data/unit_word.h"

/* An item of the unit, and what is said of it. */
struct unit_entry {
	const struct unit_item *item;
	const struct unit_key *key;	 /* NULL: systemd has none */
	const struct unit_item *instead; /* which takes its place, or NULL */
	struct buf said;
};

struct unit_work {
	struct buf *section;
	const struct unit_name *name;
	size_t count;
	struct unit_entry *entries;
	struct unit_entry *now;		/* the one that is being converted */
	struct service service;		/* what the section says so far */
	struct harden harden;		/* likewise */
	struct service_words variables; /* Environment=, for $NAME */
	bool is_user_number;		/* User= was a name: 65532 */
	size_t kept, changed, dropped;
	size_t text_count; /* what service and harden point into */
	char **texts;
};

/*
 * Append KEY=VALUE to the section if the reader of recipes takes it; otherwise
 * the entry is dropped for the reader's reason. Returns whether it does.
 */
bool unit_emit(struct unit_work *work, const char *key, struct slice value);

/* Say what became of the entry. why may be "". */
void unit_kept(struct unit_work *work);
void unit_changed(struct unit_work *work, const char *now, const char *why);
void unit_dropped(struct unit_work *work, const char *why);

/* A copy that lives as long as the work. */
char *unit_keep(struct unit_work *work, struct slice text);

/* The entry's name, as it is in the section. */
const char *unit_target(const struct unit_entry *entry);

/* Convert one entry: unit_convert.c, unit_exec.c and unit_filter.c. */
void unit_convert(struct unit_work *work);
void unit_convert_words(struct unit_work *work);
void unit_read_variables(struct unit_work *work);
void unit_convert_commands(struct unit_work *work);
void unit_convert_exec(struct unit_work *work, bool is_last);
void unit_convert_filter(struct unit_work *work);

#endif
