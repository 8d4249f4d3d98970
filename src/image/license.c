#include "image/license.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "data/deb822.h"

/*
 * Debian's short names, section 7.1 of the format, beside SPDX's; "+" behind
 * a name with versions is a rule of its own.
 */
static const struct {
	const char *debian;
	const char *spdx;
} names[] = {
	{ "0BSD", "0BSD" },
	{ "Apache-1.1", "Apache-1.1" },
	{ "Apache-2.0", "Apache-2.0" },
	{ "Artistic", "Artistic-1.0" },
	{ "Artistic-1.0", "Artistic-1.0" },
	{ "Artistic-2.0", "Artistic-2.0" },
	{ "BSD-1-clause", "BSD-1-Clause" },
	{ "BSD-2-clause", "BSD-2-Clause" },
	{ "BSD-3-clause", "BSD-3-Clause" },
	{ "BSD-4-clause", "BSD-4-Clause" },
	{ "BSL-1.0", "BSL-1.0" },
	{ "Beerware", "Beerware" },
	{ "CC-BY-3.0", "CC-BY-3.0" },
	{ "CC-BY-4.0", "CC-BY-4.0" },
	{ "CC-BY-SA-3.0", "CC-BY-SA-3.0" },
	{ "CC-BY-SA-4.0", "CC-BY-SA-4.0" },
	{ "CC0", "CC0-1.0" },
	{ "CC0-1.0", "CC0-1.0" },
	{ "CDDL-1.0", "CDDL-1.0" },
	{ "Expat", "MIT" },
	{ "FSFAP", "FSFAP" },
	{ "FSFUL", "FSFUL" },
	{ "FSFULLR", "FSFULLR" },
	{ "FTL", "FTL" },
	{ "ISC", "ISC" },
	{ "MIT", "MIT" },
	{ "MIT-0", "MIT-0" },
	{ "MPL-1.1", "MPL-1.1" },
	{ "MPL-2.0", "MPL-2.0" },
	{ "NCSA", "NCSA" },
	{ "OFL-1.1", "OFL-1.1" },
	{ "OpenSSL", "OpenSSL" },
	{ "PostgreSQL", "PostgreSQL" },
	{ "QPL-1.0", "QPL-1.0" },
	{ "TCL", "TCL" },
	{ "Unlicense", "Unlicense" },
	{ "W3C", "W3C" },
	{ "X11", "X11" },
	{ "Zlib", "Zlib" },
};

/* GNU's, whose versions SPDX calls "-only" and "-or-later". */
static const char *const gnu[] = {
	"GPL-1.0",  "GPL-2.0",	"GPL-3.0",  "LGPL-2.0",
	"LGPL-2.1", "LGPL-3.0", "AGPL-3.0",
};

/* "GPL-2+", "LGPL-2.1" */
static bool add_gnu(struct buf *out, struct slice name)
{
	bool is_later = name.len && name.at[name.len - 1] == '+';
	struct slice plain = name;

	plain.len -= is_later;
	for (size_t i = 0; i < sizeof(gnu) / sizeof(gnu[0]); i++) {
		size_t full = strlen(gnu[i]);
		/* "GPL-2" is GPL-2.0. */
		size_t brief = gnu[i][full - 1] == '0' ? full - 2 : full;

		if ((plain.len != full && plain.len != brief) ||
		    strncasecmp(plain.at, gnu[i], plain.len) != 0)
			continue;
		buf_text(out, gnu[i]);
		buf_text(out, is_later ? "-or-later" : "-only");
		return true;
	}
	return false;
}

static void add_ref(struct buf *out, struct slice name)
{
	buf_text(out, "LicenseRef-");
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool is_plain = (c >= 'a' && c <= 'z') ||
				(c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9') || c == '.' || c == '-';

		if (c == '+')
			buf_text(out, "-or-later");
		else
			buf_add(out, is_plain ? &c : "-", 1);
	}
}

static void add_name(struct buf *out, struct slice name)
{
	if (add_gnu(out, name))
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name.len == strlen(names[i].debian) &&
		    strncasecmp(name.at, names[i].debian, name.len) == 0) {
			buf_text(out, names[i].spdx);
			return;
		}
	add_ref(out, name);
}

/* The operator at the front of text, which it is cut off; "" for a name. */
static const char *take_operator(struct slice *text)
{
	static const struct {
		const char *word, *spdx;
	} operators[] = { { "and ", " AND " }, { "or ", " OR " } };

	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		size_t len = strlen(operators[i].word);

		if (text->len > len &&
		    strncasecmp(text->at, operators[i].word, len) == 0) {
			*text = slice_trim((struct slice){ text->at + len,
							   text->len - len });
			return operators[i].spdx;
		}
	}
	return "";
}

/* A name goes on to the next operator: "GPL-2+ with OpenSSL exception". */
static struct slice take_name(struct slice *text)
{
	struct slice name = { text->at, 0 };
	struct slice rest = *text;
	struct slice word, before = rest;

	while (slice_word(&word, &rest)) {
		struct slice ahead = slice_trim(before);

		if (name.len && *take_operator(&ahead))
			break;
		name.len = (size_t)(word.at + word.len - name.at);
		before = rest;
		if (name.at[name.len - 1] == ',')
			break;
	}
	*text = slice_trim(before);
	if (name.len && name.at[name.len - 1] == ',')
		name.len--;
	return name;
}

/* One License: line. SPDX and Debian both bind AND before OR. */
static void add_line(struct buf *out, struct slice line)
{
	line = slice_trim(line);
	while (line.len) {
		add_name(out, take_name(&line));
		if (!line.len)
			break;
		const char *operator= take_operator(&line);

		buf_text(out, *operator ? operator: " AND ");
	}
}

typedef LIST(char *) texts;

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect(texts *found, struct slice rest)
{
	struct slice paragraph, value, line;

	while (deb822_paragraph(&paragraph, &rest)) {
		struct buf text = { 0 };

		value = deb822_get(paragraph, "License");
		/* One of License: alone is the text of what others name. */
		if (!deb822_get(paragraph, "Files").len ||
		    !slice_cut(&line, &value, '\n'))
			continue;
		add_line(&text, line);
		if (text.at)
			LIST_ADD(found, text.at);
	}
}

static void join(struct buf *out, const texts *found)
{
	const char *last = "";

	for (size_t i = 0; i < found->count; i++) {
		const char *text = found->at[i];
		bool has_or = strstr(text, " OR ") != NULL;

		if (strcmp(text, last) == 0)
			continue;
		buf_text(out, *last ? " AND " : "");
		buf_text(out, has_or ? "(" : "");
		buf_text(out, text);
		buf_text(out, has_or ? ")" : "");
		last = text;
	}
}

bool license_expression(struct buf *out, struct slice copyright)
{
	struct slice rest = copyright;
	struct slice header;
	texts found = { 0 };

	if (!deb822_paragraph(&header, &rest))
		return false;
	struct slice format = deb822_get(header, "Format");

	if (!memmem(format.at, format.len, "copyright-format", 16))
		return false;
	collect(&found, rest);
	if (found.count)
		qsort(found.at, found.count, sizeof(*found.at), compare_texts);
	join(out, &found);
	for (size_t i = 0; i < found.count; i++)
		free(found.at[i]);
	free(found.at);
	return found.count;
}

bool license_next_ref(struct slice *ref, struct slice *expression)
{
	static const char mark[] = "LicenseRef-";
	const char *at = memmem(expression->at, expression->len, mark,
				sizeof(mark) - 1);
	const char *end = expression->at + expression->len;

	if (!at)
		return false;
	ref->at = at;
	while (at < end && *at != ' ' && *at != ')')
		at++;
	ref->len = (size_t)(at - ref->at);
	*expression = (struct slice){ at, (size_t)(end - at) };
	return true;
}
