#include "data/denial.h"

#include "base/num.h"
#include "data/denial_part.h"

bool denial_skip(struct slice *rest, const char *text)
{
	size_t len = strlen(text);

	if (!slice_has_prefix(*rest, text))
		return false;
	rest->at += len;
	rest->len -= len;
	return true;
}

void denial_set_word(char word[DENIAL_WORD_SIZE], struct slice text)
{
	size_t n = 0;

	for (; n < text.len && n < DENIAL_WORD_SIZE - 1; n++)
		word[n] = text.at[n] >= ' ' && text.at[n] <= '~' ? text.at[n]
								 : '?';
	word[n] = '\0';
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool denial_set_call(struct denial *out, struct slice name)
{
	if (!name.len || name.len >= sizeof(out->call))
		return false;
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.at[i]))
			return false;
	memcpy(out->call, name.at, name.len);
	out->call[name.len] = '\0';
	return true;
}

/* Cut all up to text, and that, off the front of *rest. */
static bool cut_at(struct slice *piece, struct slice *rest, const char *text)
{
	for (struct slice at = *rest; at.len; at.at++, at.len--) {
		struct slice behind = at;

		if (!denial_skip(&behind, text))
			continue;
		*piece = (struct slice){ rest->at, (size_t)(at.at - rest->at) };
		*rest = behind;
		return true;
	}
	return false;
}

/* PROGRAM[PID] -> with any bytes in PROGRAM, which chose its name. */
static bool cut_program(struct slice *program, struct slice *rest)
{
	struct slice who, pid;
	uint32_t number;

	if (!cut_at(&who, rest, "] -> "))
		return false;
	for (size_t i = who.len; i-- > 0;)
		if (who.at[i] == '[') {
			pid = (struct slice){ who.at + i + 1, who.len - i - 1 };
			*program = (struct slice){ who.at, i };
			return num_u32(&number, pid);
		}
	return false;
}

/* What a filter answers: an error, or "kill". */
static bool is_answer(struct slice text)
{
	if (slice_eq(text, "kill"))
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (!(text.at[i] >= 'A' && text.at[i] <= 'Z') &&
		    !(text.at[i] >= '0' && text.at[i] <= '9'))
			return false;
	return text.len && text.at[0] == 'E';
}

/* NAME(ARGUMENTS) by PROGRAM[PID] -> ERROR, then nothing, or ';' and advice. */
static bool read_denied(struct denial *out, struct slice rest)
{
	struct slice name, arguments, program, error;

	if (!slice_cut(&name, &rest, '(') || !denial_set_call(out, name) ||
	    !cut_at(&arguments, &rest, ") by ") ||
	    !cut_program(&program, &rest) || !slice_cut(&error, &rest, ';') ||
	    !is_answer(error))
		return false;
	denial_set_word(out->program, program);
	denial_set_word(out->error, error);
	out->kind = DENIAL_CALL;
	out->count = 1;
	return true;
}

bool denial_read_text(struct denial *out, struct slice rest)
{
	struct slice count;

	if (denial_skip(&rest, "denied ") ||
	    denial_skip(&rest, "audit: would deny "))
		return read_denied(out, rest);
	out->kind = DENIAL_SUPPRESSED;
	return slice_word(&count, &rest) && num_u64(&out->count, count) &&
	       denial_skip(&rest, " more denials suppressed");
}

bool denial_read_line(struct denial *out, struct denial_reader *reader,
		      struct slice line, int depth)
{
	if (line.len && line.at[0] == '{')
		return denial_read_json(out, reader, line, depth);
	if (denial_skip(&line, "pith-init: "))
		return denial_read_text(out, line);
	return denial_read_audit(out, line);
}

bool denial_read(struct denial *out, struct denial_reader *reader,
		 struct slice line)
{
	*out = (struct denial){ 0 };
	while (line.len && line.at[line.len - 1] == '\r')
		line.len--;
	return denial_cut_prefix(reader, &line) &&
	       denial_read_line(out, reader, line, 0);
}
