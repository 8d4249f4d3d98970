#include <jansson.h>

#include "data/denial_part.h"

enum { DEPTH_MAX = 2 }; /* a denial within docker's object within journald's */

static struct slice text_of(const json_t *object, const char *key)
{
	const json_t *text = json_object_get(object, key);

	if (!json_is_string(text))
		return (struct slice){ "", 0 };
	return (struct slice){ json_string_value(text),
			       json_string_length(text) };
}

static bool cut_end(struct slice *text, char c)
{
	if (!text->len || text->at[text->len - 1] != c)
		return false;
	text->len--;
	return true;
}

/* docker cuts long lines: what lacks its newline goes on in the next object. */
static bool read_log(struct denial *out, struct denial_reader *reader,
		     const json_t *object, int depth)
{
	struct slice line = text_of(object, "log");
	bool is_stderr = slice_eq(text_of(object, "stream"), "stderr");
	bool is_unfinished = !cut_end(&line, '\n');

	if (!denial_is_whole(reader, is_stderr, is_unfinished))
		return false;
	cut_end(&line, '\r');
	return denial_read_line(out, reader, line, depth);
}

static bool read_object(struct denial *out, struct denial_reader *reader,
			const json_t *object, int depth)
{
	/* LogFormat=json: the text, and around it who says it how loud. */
	if (slice_eq(text_of(object, "program"), "pith-init"))
		return denial_read_text(out, text_of(object, "message"));
	if (depth == DEPTH_MAX)
		return false;
	if (json_is_string(json_object_get(object, "log")))
		return read_log(out, reader, object, depth + 1);
	return denial_read_line(out, reader, text_of(object, "MESSAGE"),
				depth + 1);
}

bool denial_read_json(struct denial *out, struct denial_reader *reader,
		      struct slice line, int depth)
{
	json_t *object = json_loadb(line.at, line.len, JSON_REJECT_DUPLICATES,
				    NULL);
	bool result = object && read_object(out, reader, object, depth);

	json_decref(object);
	return result;
}
