#include "data/deb822.h"

#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_empty(struct slice line)
{
	return slice_trim(line).len == 0;
}

bool deb822_paragraph(struct slice *paragraph, struct slice *rest)
{
	struct slice line;

	for (;;) {
		struct slice before = *rest;

		if (!slice_cut(&line, rest, '\n'))
			return false;
		if (is_empty(line))
			continue;
		*paragraph = (struct slice){ before.at, line.len };
		break;
	}
	while (slice_cut(&line, rest, '\n') && !is_empty(line))
		paragraph->len = (size_t)(line.at + line.len - paragraph->at);
	return true;
}

/* The lines behind a field that go on with it. */
static void take_continuation(struct slice *value, struct slice *rest)
{
	struct slice line;

	while (rest->len && (is_blank(rest->at[0]) || rest->at[0] == '#')) {
		slice_cut(&line, rest, '\n');
		value->len = (size_t)(line.at + line.len - value->at);
	}
}

bool deb822_field(struct deb822_field *field, struct slice *paragraph)
{
	struct slice line;

	while (slice_cut(&line, paragraph, '\n')) {
		struct slice value = line;

		if (!line.len || is_blank(line.at[0]) || line.at[0] == '#' ||
		    !slice_find(line, ':'))
			continue;
		slice_cut(&field->name, &value, ':');
		field->name = slice_trim(field->name);
		take_continuation(&value, paragraph);
		field->value = slice_trim(value);
		return true;
	}
	return false;
}

struct slice deb822_get(struct slice paragraph, const char *name)
{
	size_t len = strlen(name);
	struct deb822_field field;

	while (deb822_field(&field, &paragraph))
		if (field.name.len == len &&
		    strncasecmp(field.name.at, name, len) == 0)
			return field.value;
	return (struct slice){ "", 0 };
}
