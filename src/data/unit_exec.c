/* The commands of a unit and its lists of words: unit_import.h. */
#include <limits.h>

#include "data/service_key.h"
#include "data/unit_work.h"

/* What stands before a command's path. */
struct prefixes {
	bool may_fail;	    /* - */
	bool is_named;	    /* @: the next word is argv[0] */
	bool is_privileged; /* + ! !! */
	bool takes_literal; /* : no variables */
	bool is_shell;	    /* | */
};

/* One command of a line, and what has to be said of it. */
struct command {
	struct prefixes prefixes;
	struct buf words; /* each behind a blank */
	struct buf why;
	size_t count;
};

static void add_why(struct buf *why, const char *text, const char *more)
{
	buf_text(why, why->len ? "; " : "");
	buf_text(why, text);
	buf_text(why, more);
}

static const char *take_prefixes(struct prefixes *out, const char *text)
{
	for (;; text++) {
		if (*text == '-')
			out->may_fail = true;
		else if (*text == '@')
			out->is_named = true;
		else if (*text == '+' || *text == '!')
			out->is_privileged = true;
		else if (*text == ':')
			out->takes_literal = true;
		else if (*text == '|')
			out->is_shell = true;
		else
			return text;
	}
}

/* What an image can hold; see image/name.h. */
static bool is_component(struct slice part)
{
	for (size_t i = 0; i < part.len; i++)
		if ((unsigned char)part.at[i] < ' ' || part.at[i] == 127)
			return false;
	return part.len <= 255 && !slice_eq(part, "..") &&
	       !slice_has_prefix(part, ".wh.");
}

/* As systemd, without the slashes and dots that say nothing. */
static int add_path(struct buf *out, const char *path, struct err *err)
{
	struct slice rest = slice_from(path);
	struct slice part;
	bool is_file = path[0] == '/' && path[strlen(path) - 1] != '/';

	while (slice_cut(&part, &rest, '/')) {
		is_file = is_file && is_component(part);
		if (!part.len || slice_eq(part, "."))
			continue;
		buf_text(out, "/");
		buf_add(out, part.at, part.len);
	}
	if (is_file && out->len && out->len < PATH_MAX)
		return 0;
	return err_set(err, 0, "'%s' is not the absolute path of a file", path);
}

static int add_program(struct command *command, const char *word,
		       const struct unit_name *name, struct err *err)
{
	const char *path = take_prefixes(&command->prefixes, word);
	auto_buf struct buf expanded = { 0 };
	auto_buf struct buf text = { 0 };

	if (command->prefixes.is_shell)
		return err_set(err, 0, "a line for a shell");
	if (*path && !strchr(path, '/')) {
		buf_text(&expanded, "/usr/bin/");
		add_why(&command->why, "taken to be in /usr/bin", "");
	}
	if (unit_expand(&expanded, slice_from(path), name, err) < 0 ||
	    add_path(&text, expanded.at, err) < 0)
		return -1;
	buf_text(&command->words, " ");
	service_print_word(&command->words, text.at);
	return 0;
}

/* An argument, as the program would get it. */
static void add_argument(struct unit_work *work, struct command *command,
			 const char *word)
{
	auto_buf struct buf text = { 0 };
	auto_buf struct buf missing = { 0 };
	struct err err = { 0 };

	if (unit_expand(&text, slice_from(word), work->name, &err) < 0) {
		add_why(&command->why, err.text, ", and stays as it is");
		text.len = 0;
		buf_text(&text, word);
	}
	if (command->prefixes.takes_literal) {
		buf_text(&command->words, " ");
		service_print_word(&command->words, text.at);
		return;
	}
	unit_add_variables(&command->words, text.at, &work->variables,
			   &missing);
	if (missing.len)
		add_why(&command->why, missing.at,
			": not in Environment=, and taken as empty");
	else if (strchr(text.at, '$'))
		add_why(&command->why, text.at, ": as Environment= has it");
}

static int add_word(struct unit_work *work, struct command *command,
		    const char *word, struct err *err)
{
	size_t nr = command->count++;

	if (nr == 0)
		return add_program(command, word, work->name, err);
	if (nr == 1 && command->prefixes.is_named)
		add_why(&command->why, "argv[0] is the path, and not ", word);
	else
		add_argument(work, command, word);
	return 0;
}

/* Whether a separator comes next; "\;" is a word. */
static bool take_separator(struct slice *rest, const char *separator)
{
	struct slice text = *rest;
	size_t len = strlen(separator);

	while (text.len && (text.at[0] == ' ' || text.at[0] == '\t'))
		text = (struct slice){ text.at + 1, text.len - 1 };
	if (!slice_has_prefix(text, separator) ||
	    (text.len > len && text.at[len] != ' ' && text.at[len] != '\t'))
		return false;
	*rest = (struct slice){ text.at + len, text.len - len };
	return true;
}

/* Returns 1 for a command, 0 at the end of the line, -1 on failure. */
static int take_command(struct unit_work *work, struct command *command,
			struct slice *rest, struct err *err)
{
	int got = 1;

	while (got > 0 && !take_separator(rest, ";")) {
		auto_buf struct buf word = { 0 };

		if (take_separator(rest, "\\;"))
			buf_text(&word, ";");
		else
			got = unit_take_word(&word, rest, err);
		if (got > 0 && add_word(work, command, word.at, err) < 0)
			got = -1;
	}
	if (command->prefixes.is_privileged)
		add_why(&command->why, "it runs as User= and under the filter",
			"");
	return got < 0 ? -1 : command->count > 0;
}

static void free_command(struct command *command)
{
	buf_free(&command->words);
	buf_free(&command->why);
}

/* "-/program word", as the section has it; the words begin with a blank. */
static struct slice value_of(struct buf *out, const struct command *command,
			     bool may_fail)
{
	struct slice words = buf_slice(&command->words);

	buf_text(out, may_fail ? "-" : "");
	buf_add(out, words.at + 1, words.len - 1);
	return buf_slice(out);
}

static void say_command(struct unit_work *work, const struct buf *now,
			const struct buf *why, bool is_same)
{
	if (is_same && !why->len)
		unit_kept(work);
	else
		unit_changed(work, now->at, why->len ? why->at : "");
}

static void add_now(struct buf *now, const char *key, struct slice value)
{
	buf_text(now, now->len ? " and " : "");
	buf_text(now, key);
	buf_text(now, "=");
	buf_add(now, value.at, value.len);
}

/* All commands of the line under that key. */
static void put_commands(struct unit_work *work, const char *key)
{
	struct slice rest = slice_from(work->now->item->value);
	bool is_same = strcmp(key, work->now->item->name) == 0;
	auto_buf struct buf now = { 0 };
	auto_buf struct buf why = { 0 };
	struct err err = { 0 };
	int got = 1;

	for (int count = 0; got > 0 && rest.len; count++) {
		struct command command = { 0 };

		got = take_command(work, &command, &rest, &err);
		if (got > 0) {
			auto_buf struct buf text = { 0 };
			struct slice value = value_of(
				&text, &command, command.prefixes.may_fail);

			if (!unit_emit(work, key, value)) {
				free_command(&command);
				return;
			}
			add_now(&now, key, value);
			if (command.why.len)
				add_why(&why, command.why.at, "");
		}
		is_same = is_same && count == 0;
		free_command(&command);
	}
	if (got < 0)
		unit_dropped(work, err.text);
	else if (!now.len)
		unit_dropped(work, "no command");
	else
		say_command(work, &now, &why, is_same);
}

void unit_convert_commands(struct unit_work *work)
{
	put_commands(work, work->now->item->name);
}

void unit_convert_exec(struct unit_work *work, bool is_last)
{
	struct slice rest = slice_from(work->now->item->value);
	struct command command = { 0 };
	auto_buf struct buf now = { 0 };
	struct err err = { 0 };

	if (!is_last) {
		put_commands(work, "ExecStartPre");
		return;
	}
	int got = take_command(work, &command, &rest, &err);

	if (got > 0 && slice_trim(rest).len)
		got = err_set(&err, 0, "more than one command");
	if (got <= 0) {
		unit_dropped(work, got < 0 ? err.text : "no command");
	} else {
		auto_buf struct buf text = { 0 };
		struct slice value = value_of(&text, &command, false);

		if (command.prefixes.may_fail)
			add_why(&command.why,
				"its exit code is the container's", "");
		if (unit_emit(work, "ExecStart", value)) {
			add_now(&now, "ExecStart", value);
			say_command(work, &now, &command.why, true);
		}
	}
	free_command(&command);
}
