#include "data/pam_conf.h"

#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct slice *text)
{
	while (text->len && is_blank(*text->at)) {
		text->at++;
		text->len--;
	}
}

/* What is behind a hash is no text, and ends a line that is continued. */
void pam_conf_join(struct buf *out, struct slice text)
{
	struct slice line;

	while (slice_cut(&line, &text, '\n')) {
		bool is_continued = false;
		const char *hash;

		slice_cut(&line, &(struct slice){ line.at, line.len }, '\0');
		skip_blanks(&line);
		if (!line.len || *line.at == '#')
			continue;
		hash = slice_find(line, '#');
		if (hash) {
			line.len = (size_t)(hash - line.at);
		} else {
			while (line.len > 1 && is_blank(line.at[line.len - 1]))
				line.len--;
			is_continued = line.at[line.len - 1] == '\\';
			line.len -= is_continued;
		}
		buf_add(out, line.at, line.len);
		buf_text(out, is_continued ? " " : "\n");
	}
}

/* "[a b]" is one word, in which a backslash keeps a bracket from ending it. */
static struct slice next_word(struct slice *line)
{
	struct slice word;

	skip_blanks(line);
	word = (struct slice){ line->at, 0 };
	if (line->len && *line->at == '[') {
		for (word.len = 1; word.len < line->len; word.len++)
			if (line->at[word.len] == ']' &&
			    line->at[word.len - 1] != '\\')
				break;
		word.len += word.len < line->len;
	} else {
		while (word.len < line->len && !is_blank(line->at[word.len]))
			word.len++;
	}
	line->at += word.len;
	line->len -= word.len;
	return word;
}

static bool is_word(struct slice word, const char *wanted)
{
	return word.len == strlen(wanted) &&
	       strncasecmp(word.at, wanted, word.len) == 0;
}

/* Fills out with the module; false for a line that has none, or no path. */
static bool see_line(struct slice *out, struct pam_conf *conf,
		     struct slice line)
{
	struct slice word;
	bool is_file;

	if (conf->has_service)
		next_word(&line);
	is_file = is_word(next_word(&line), "@include");
	if (!is_file) {
		word = next_word(&line);
		is_file = is_word(word, "include") || is_word(word, "substack");
	}
	*out = next_word(&line);
	if (!slice_find(*out, '/'))
		return false;
	/* The loader fills in what follows a dollar, and PAM for $ISA. */
	if (!is_file && *out->at != '[' && !slice_find(*out, '$'))
		return true;
	conf->leads_away = true;
	return false;
}

bool pam_conf_module(struct slice *out, struct pam_conf *conf)
{
	struct slice line;

	while (slice_cut(&line, &conf->text, '\n'))
		if (see_line(out, conf, line))
			return true;
	return false;
}
