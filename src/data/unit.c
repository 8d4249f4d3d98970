#include "data/unit.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"

/* What reading has to remember from line to line. */
struct reading {
	struct unit *unit;
	const char *file;
	unsigned int line;
	unsigned int first; /* of the lines that are being joined */
	enum unit_section section;
	struct buf joined;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Whether the text ends in a backslash that no other one makes plain. */
static bool is_continued(struct slice text)
{
	bool escaped = false;

	for (size_t i = 0; i < text.len; i++)
		escaped = !escaped && text.at[i] == '\\';
	return escaped;
}

static enum unit_section section_of(struct slice line)
{
	if (slice_eq(line, "[Unit]"))
		return UNIT_UNIT;
	if (slice_eq(line, "[Service]"))
		return UNIT_SERVICE;
	if (slice_eq(line, "[Install]"))
		return UNIT_INSTALL;
	return UNIT_ELSEWHERE;
}

static void add_item(struct reading *reading, char *name, struct slice value)
{
	struct unit *unit = reading->unit;

	unit->items = mem_grow(unit->items, unit->count + 1,
			       sizeof(*unit->items));
	unit->items[unit->count++] = (struct unit_item){
		.file = reading->file,
		.line = reading->first,
		.section = reading->section,
		.name = name,
		.value = mem_text(value),
	};
}

/* A line, or several that were joined. */
static void read_whole(struct reading *reading, struct slice line)
{
	line = slice_trim(line);
	if (!line.len)
		return;
	if (line.at[0] == '[' && line.at[line.len - 1] == ']') {
		reading->section = section_of(line);
		return;
	}
	const char *equals = slice_find(line, '=');

	if (!equals || equals == line.at) {
		add_item(reading, NULL, line);
		return;
	}
	size_t before = (size_t)(equals - line.at);
	struct slice name = slice_trim((struct slice){ line.at, before });
	struct slice value = { equals + 1, line.len - before - 1 };

	add_item(reading, mem_text(name), slice_trim(value));
}

/* Comments stand between the lines that are joined, too. */
static void read_line(struct reading *reading, struct slice line)
{
	struct slice text = line;

	while (text.len && is_blank(text.at[0]))
		text = (struct slice){ text.at + 1, text.len - 1 };
	if (text.len && (text.at[0] == '#' || text.at[0] == ';'))
		return;
	if (!reading->joined.len)
		reading->first = reading->line;
	if (text.len && text.at[text.len - 1] == '\r')
		text.len--;
	if (is_continued(text)) {
		buf_add(&reading->joined, text.at, text.len - 1);
		buf_text(&reading->joined, " ");
		return;
	}
	buf_add(&reading->joined, text.at, text.len);
	read_whole(reading, buf_slice(&reading->joined));
	reading->joined.len = 0;
}

int unit_read(struct unit *unit, const char *file, struct slice text,
	      struct err *err)
{
	struct reading reading = { .unit = unit, .file = file };
	struct slice line;

	if (slice_find(text, '\0'))
		return err_set(err, 0, "%s: a zero byte in the text", file);
	while (unit->count < UNIT_ITEMS_MAX && slice_cut(&line, &text, '\n')) {
		reading.line++;
		read_line(&reading, line);
	}
	read_whole(&reading, buf_slice(&reading.joined));
	buf_free(&reading.joined);
	if (unit->count >= UNIT_ITEMS_MAX)
		return err_set(err, 0, "%s: more than %d lines", file,
			       UNIT_ITEMS_MAX - 1);
	return 0;
}

void unit_free(struct unit *unit)
{
	for (size_t i = 0; i < unit->count; i++) {
		free(unit->items[i].name);
		free(unit->items[i].value);
	}
	free(unit->items);
	*unit = (struct unit){ 0 };
}
