#include "data/envfile.h"

#include <stdbool.h>
#include <string.h>

#include "base/err.h"

/* The output never overtakes the input, so both share one text. */
struct reader {
	const char *in; /* a zero byte stands at the end */
	char *out;
	unsigned int line;
	unsigned int start; /* the line of the assignment being read */
};

/* Where a value is read: besides these two, inside the quote of that name. */
enum { OUTSIDE, BARE };

/* The next character, or 0 at the end, where it stays. */
static char take(struct reader *r)
{
	char c = *r->in;

	r->in += c != 0;
	r->line += c == '\n';
	return c;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

const char *envfile_name_end(const char *text)
{
	const char *p = text;

	while (*p == '_' || ((*p | 32) >= 'a' && (*p | 32) <= 'z') ||
	       (p > text && *p >= '0' && *p <= '9'))
		p++;
	return p;
}

/*
 * Read to the end of the line, or of the text, and keep what is before
 * trailing blanks. Returns false when a quote stays open.
 */
static bool read_value(struct reader *r)
{
	char *out = r->out;
	int mode = OUTSIDE;
	char c;

	while ((c = take(r)) && (mode > BARE || !is_line_end(c))) {
		bool is_escaped = c == '\\' && mode != '\'';

		if (!is_escaped && mode == OUTSIDE && is_blank(c))
			continue;
		if (!is_escaped && mode == OUTSIDE && (c == '"' || c == '\'')) {
			mode = c;
			continue;
		}
		if (!is_escaped && c == mode) {
			mode = OUTSIDE;
			continue;
		}
		if (mode == OUTSIDE)
			mode = BARE;
		if (is_escaped && !(c = take(r)))
			break;
		if (is_escaped && c == '\n')
			continue;
		if (is_escaped && mode == '"' && !strchr("\"\\`$", c))
			*out++ = '\\';
		*out++ = c;
		if (is_escaped || mode != BARE || !is_blank(c))
			r->out = out;
	}
	*r->out++ = '\0';
	return mode <= BARE;
}

/* An assignment, a comment or one blank. Returns what is wrong, or NULL. */
static const char *read_item(struct reader *r)
{
	char c = *r->in;

	if (is_blank(c) || is_line_end(c)) {
		take(r);
		return NULL;
	}
	if (c == '#' || c == ';') {
		while (*r->in && !is_line_end(*r->in))
			r->in++;
		return NULL;
	}
	size_t len = (size_t)(envfile_name_end(r->in) - r->in);

	memmove(r->out, r->in, len);
	r->out += len;
	r->in += len;
	while (is_blank(*r->in))
		r->in++;
	if (!len || *r->in != '=')
		return "not NAME=value";
	r->in++;
	*r->out++ = '=';
	return read_value(r) ? NULL : "an open quote";
}

int envfile_parse(size_t *out_len, char *text, size_t len, struct err *err)
{
	struct reader r = { .in = text, .out = text, .line = 1 };
	const char *wrong = NULL;

	text[len] = '\0';
	while (*r.in && !wrong) {
		r.start = r.line;
		wrong = read_item(&r);
	}
	/* It looks like the end, wherever it stands. */
	if (!*r.in && r.in != text + len)
		wrong = "a zero byte";
	if (wrong)
		return err_set(err, 0, "line %u: %s", r.start, wrong);
	*out_len = (size_t)(r.out - text);
	return 0;
}
