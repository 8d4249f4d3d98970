/* How words are split and quoted, and the kinds of key that hold words. */
#include "data/service.h"

#include "base/err.h"
#include "base/num.h"
#include "data/envfile.h"
#include "data/service_key.h"

/*
 * The rest of a word from its first special character on, which is moved to
 * the front as quotes and backslashes drop out. Returns where the text goes
 * on, or NULL when a quote stays open or an escape is unknown.
 */
static char *take_quoted(char *in)
{
	char *out = in;
	char quote = 0;

	for (; *in && (quote || (*in != ' ' && *in != '\t')); in++) {
		if (*in == quote) {
			quote = 0;
		} else if (!quote && (*in == '"' || *in == '\'')) {
			quote = *in;
		} else if (*in == '\\') {
			in++;
			if (!*in || !strchr("\\\"' \t", *in))
				return NULL;
			*out++ = *in;
		} else {
			*out++ = *in;
		}
	}
	if (quote)
		return NULL;
	char *rest = *in ? in + 1 : in;

	*out = '\0';
	return rest;
}

int service_take_word(char **word, char **at)
{
	char *in = *at;

	while (*in == ' ' || *in == '\t')
		in++;
	if (!*in)
		return 0;
	*word = in;
	/* Below these are blanks and quotes, and little else that is used. */
	while (*in > '\'' && *in != '\\')
		in++;
	*at = take_quoted(in);
	return *at ? 1 : -1;
}

static int add_word(struct service_words *words, char *word, struct err *err)
{
	if (words->count == SERVICE_WORDS_MAX)
		return err_set(err, 0, "more than %d words", SERVICE_WORDS_MAX);
	words->at[words->count++] = word;
	return 0;
}

int service_set_words(struct service_words *words, char *value, struct err *err)
{
	char *word;
	int got;

	if (!*value) {
		words->count = 0;
		return 0;
	}
	while ((got = service_take_word(&word, &value)) > 0)
		if (add_word(words, word, err) < 0)
			return -1;
	if (got < 0)
		return err_set(err, 0,
			       "an open quote, or '\\' before what "
			       "needs none");
	return 0;
}

int service_set_exec(struct service_words *words, char *value, struct err *err)
{
	words->count = 0;
	if (service_set_words(words, value, err) < 0)
		return -1;
	/* pith-init ends the list with a NULL in place. */
	if (words->count == SERVICE_WORDS_MAX)
		return err_set(err, 0, "more than %d words",
			       SERVICE_WORDS_MAX - 1);
	if (words->count && words->at[0][0] != '/')
		return err_not(err, words->at[0], SERVICE_NO_PATH);
	return 0;
}

/* [-]/path, where the '-' lets it be missing. */
static bool is_file(const char *word)
{
	return word[*word == '-'] == '/';
}

/*
 * NAME=value, [-]/path or NAME:[-]/path, for NAME see envfile_name_end; of
 * Landlock's also a port, or none, which grants nothing and says that the key
 * holds.
 */
static bool is_word(const char *word, enum service_kind kind)
{
	const char *end = envfile_name_end(word);
	uint32_t port;

	if (kind >= KIND_LANDLOCK_PATHS && strcmp(word, "none") == 0)
		return true;
	if (kind == KIND_LANDLOCK_PORTS)
		return num_u32(&port, slice_from(word)) && port <= UINT16_MAX;
	if (kind == KIND_FILES || kind == KIND_LANDLOCK_PATHS)
		return is_file(word);
	if (end == word)
		return false;
	if (kind == KIND_ENVIRONMENT)
		return *end == '=';
	return *end == ':' && is_file(end + 1);
}

int service_set_checked(struct service_words *words, char *value,
			enum service_kind kind, struct err *err)
{
	/* In the order of the kinds, which follow each other. */
	static const char what[][16] = { "NAME=value", "/path", "NAME:/path",
					 "/path or none", "a port or none" };
	size_t old = words->count;

	/* Not the images's and this: this alone. */
	if (kind >= KIND_LANDLOCK_PATHS && strcmp(value, "none") == 0)
		words->count = old = 0;

	if (service_set_words(words, value, err) < 0)
		return -1;
	for (size_t i = old; i < words->count; i++)
		if (!is_word(words->at[i], kind))
			return err_not(err, words->at[i],
				       what[kind - KIND_ENVIRONMENT]);
	return 0;
}

/* Each line is a command of its own, [-]/program and its arguments. */
int service_set_commands(struct service_words *words, char *value,
			 struct err *err)
{
	size_t old = words->count;

	if (service_set_words(words, value, err) < 0)
		return -1;
	if (!words->count)
		return 0;
	if (!is_file(words->at[old]))
		return err_not(err, words->at[old], SERVICE_NO_PATH);
	return add_word(words, NULL, err);
}
