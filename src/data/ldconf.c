#include "data/ldconf.h"

/* "KEYWORD REST" becomes REST. */
static bool take_keyword(struct slice *line, const char *keyword)
{
	struct slice rest = *line;
	struct slice word;

	if (!slice_word(&word, &rest) || !slice_eq(word, keyword) || !rest.len)
		return false;
	*line = rest;
	return true;
}

/* "/opt/lib=libc6" once named a kind of library; slashes end no name. */
static struct slice directory(struct slice line)
{
	struct slice dir = line;

	slice_cut(&dir, &line, '=');
	dir = slice_trim(dir);
	while (dir.len > 1 && dir.at[dir.len - 1] == '/')
		dir.len--;
	return dir;
}

/* The next line that says something becomes *code. */
static bool next_line(struct slice *code, struct ldconf *conf)
{
	struct slice line;

	while (slice_cut(&line, &conf->text, '\n')) {
		*code = (struct slice){ "", 0 };
		slice_cut(code, &line, '#');
		*code = slice_trim(*code);
		/* "hwcap": directories for processors, of old loaders. */
		if (code->len && !take_keyword(code, "hwcap"))
			return true;
	}
	return false;
}

bool ldconf_next(struct ldconf_item *out, struct ldconf *conf)
{
	struct slice code;

	for (;;) {
		out->is_include = slice_word(&out->value, &conf->line);
		if (out->is_include)
			return true;
		if (!next_line(&code, conf))
			return false;
		if (take_keyword(&code, "include")) {
			conf->line = code;
			continue;
		}
		out->value = directory(code);
		if (out->value.len)
			return true;
	}
}
