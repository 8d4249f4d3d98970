#include "tool/patch.h"

#include <stdbool.h>

#include "base/buf.h"

enum { CONTEXT = 3 };

size_t patch_count(struct slice text)
{
	struct slice line;
	size_t count = 0;

	while (slice_cut(&line, &text, '\n'))
		count++;
	return count;
}

static void add_line(struct buf *out, const char *mark, struct slice line)
{
	buf_text(out, mark);
	buf_add(out, line.at, line.len);
	buf_text(out, "\n");
}

void patch_apply(struct buf *out, struct slice text,
		 const struct patch_line *lines, size_t count)
{
	struct slice line;
	size_t done = 0, at = 0;

	do {
		for (; done < count && lines[done].behind <= at; done++)
			add_line(out, "", slice_from(lines[done].text));
		if (!slice_cut(&line, &text, '\n'))
			break;
		add_line(out, "", line);
		at++;
	} while (true);
}

/* Some neighbouring lines of the old text, and what comes between them. */
struct hunk {
	size_t first, last; /* old lines, the latter behind the end */
	size_t from, to;    /* of the new ones, likewise */
};

/* The hunk that begins with the new line "from"; old is how many there are. */
static struct hunk next_hunk(const struct patch_line *lines, size_t count,
			     size_t from, size_t old)
{
	size_t at = lines[from].behind;
	struct hunk hunk = { at > CONTEXT ? at - CONTEXT : 0, at, from, from };

	while (hunk.to < count &&
	       lines[hunk.to].behind <= hunk.last + 2 * CONTEXT)
		hunk.last = lines[hunk.to++].behind;
	hunk.last = hunk.last + CONTEXT < old ? hunk.last + CONTEXT : old;
	return hunk;
}

static void print_range(struct buf *out, char mark, size_t first, size_t count)
{
	/* Of nothing the line before is named. */
	buf_fmt(out, " %c%zu,%zu", mark, count ? first + 1 : first, count);
}

static struct slice nth_line(struct slice text, size_t n)
{
	struct slice line = { "", 0 };

	while (slice_cut(&line, &text, '\n') && n--)
		;
	return line;
}

static void print_old(struct buf *out, struct slice text, size_t n, size_t old)
{
	struct slice line = nth_line(text, n);

	if (n + 1 < old || text.at[text.len - 1] == '\n') {
		add_line(out, " ", line);
		return;
	}
	/* The last one gets the newline that it lacked. */
	add_line(out, "-", line);
	buf_text(out, "\\ No newline at end of file\n");
	add_line(out, "+", line);
}

static void print_hunk(struct buf *out, const struct hunk *hunk,
		       struct slice text, const struct patch_line *lines)
{
	size_t old = patch_count(text);
	size_t next = hunk->from;

	buf_text(out, "@@");
	print_range(out, '-', hunk->first, hunk->last - hunk->first);
	print_range(out, '+', hunk->first + hunk->from,
		    hunk->last - hunk->first + hunk->to - hunk->from);
	buf_text(out, " @@\n");
	for (size_t at = hunk->first; at <= hunk->last; at++) {
		for (; next < hunk->to && lines[next].behind == at; next++)
			add_line(out, "+", slice_from(lines[next].text));
		if (at < hunk->last)
			print_old(out, text, at, old);
	}
}

void patch_print(struct buf *out, const char *name, struct slice text,
		 const struct patch_line *lines, size_t count)
{
	size_t old = patch_count(text);
	size_t from = 0;

	buf_fmt(out, "--- %s\n+++ %s\n", name, name);
	while (from < count) {
		struct hunk hunk = next_hunk(lines, count, from, old);

		print_hunk(out, &hunk, text, lines);
		from = hunk.to;
	}
}
