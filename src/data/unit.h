#ifndef DATA_UNIT_H
#define DATA_UNIT_H

/*
 * unit: the lines of systemd's units, service and drop-ins, as
 * systemd.syntax(7) has them. Reading is lenient where systemd is: what it
 * skips with a warning becomes an item without a name.
 */
#include <stddef.h>

#include "base/slice.h"

struct err;

enum { UNIT_TEXT_MAX = 1 << 20, UNIT_ITEMS_MAX = 4096 };

enum unit_section {
	UNIT_NOWHERE, /* before the first section */
	UNIT_UNIT,
	UNIT_SERVICE,
	UNIT_INSTALL,
	UNIT_ELSEWHERE, /* [X-...], or a section that services lack */
};

struct unit_item {
	const char *file;  /* as given to unit_read */
	unsigned int line; /* of its first line */
	enum unit_section section;
	char *name;  /* NULL: no Key=Value; then value is the line */
	char *value; /* lines joined, without blanks at either end */
};

struct unit {
	size_t count;
	struct unit_item *items;
};

#define auto_unit __attribute__((cleanup(unit_free)))

/*
 * Add the items of a text. file is kept, not copied. Fails for a zero byte,
 * which no unit holds, and for more than UNIT_ITEMS_MAX items; *unit is good
 * for unit_free() in any case.
 */
int unit_read(struct unit *unit, const char *file, struct slice text,
	      struct err *err);

void unit_free(struct unit *unit);

#endif
