#include "data/ini.h"

#include "base/err.h"

struct ini ini_open(struct slice text)
{
	return (struct ini){ .rest = text, .zero = slice_find(text, '\0') };
}

static int read_section(struct ini_item *item, struct slice line,
			struct err *err)
{
	if (line.len < 3 || line.at[line.len - 1] != ']')
		return err_set(err, 0, "'%.*s': a section is [Name]",
			       SLICE_ARGS(line));
	item->is_section = true;
	item->key = (struct slice){ line.at + 1, line.len - 2 };
	item->value = (struct slice){ line.at + line.len, 0 };
	return 1;
}

static int read_key(struct ini_item *item, struct slice line, struct err *err)
{
	const char *equals = slice_find(line, '=');

	if (!equals || equals == line.at)
		return err_set(err, 0, "'%.*s': expected Key=Value",
			       SLICE_ARGS(line));
	if (line.at[line.len - 1] == '\\')
		return err_set(err, 0, "a line cannot be continued with '\\'");
	size_t before = (size_t)(equals - line.at);

	item->is_section = false;
	item->key = slice_trim((struct slice){ line.at, before });
	item->value = slice_trim(
		(struct slice){ equals + 1, line.len - before - 1 });
	return 1;
}

/* Whether the text's first zero byte is in this line. */
static bool holds_zero(const struct ini *ini, struct slice line)
{
	return ini->zero && ini->zero >= line.at &&
	       ini->zero < line.at + line.len;
}

int ini_next(struct ini_item *item, struct ini *ini, struct err *err)
{
	struct slice line;

	while (slice_cut(&line, &ini->rest, '\n')) {
		ini->line++;
		if (holds_zero(ini, line))
			return err_set(err, 0, "a zero byte in the text");
		line = slice_trim(line);
		if (!line.len || line.at[0] == '#' || line.at[0] == ';')
			continue;
		if (line.at[0] == '[')
			return read_section(item, line, err);
		return read_key(item, line, err);
	}
	return 0;
}
