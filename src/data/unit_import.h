#ifndef DATA_UNIT_IMPORT_H
#define DATA_UNIT_IMPORT_H

/*
 * unit_import: from a unit of systemd's to a [Service] section of a recipe.
 * Pure: no file is looked at, so it cannot say whether a program is a script
 * or an account exists. Each line that it makes has been read by the reader of
 * recipes' keys.
 */
struct buf;
struct err;
struct unit;
struct unit_name;

/*
 * Append the section to *section, and to *report a line for each of the
 * unit's: "FILE:LINE: kept|changed|dropped: KEY=VALUE: WHY", and notes on
 * what the unit leaves to defaults that differ. The texts of unit are UTF-8
 * or the section is not. Fails when no ExecStart= is left.
 */
int unit_import(struct buf *section, struct buf *report,
		const struct unit *unit, const struct unit_name *name,
		struct err *err);

#endif
