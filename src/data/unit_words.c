/* Environment= and other lists of words in a unit: unit_import.h. */
#include "base/num.h"
#include "data/envfile.h"
#include "data/service_key.h"
#include "data/unit_work.h"

/* The words that are left, and what has to be said of the others. */
struct list {
	struct buf words;
	struct buf why;
};

static void lose(struct list *list, const char *word, const char *why)
{
	buf_text(&list->why, list->why.len ? "; " : "");
	buf_text(&list->why, word);
	buf_text(&list->why, why);
}

static void keep(struct list *list, const char *word)
{
	buf_text(&list->words, list->words.len ? " " : "");
	service_print_word(&list->words, word);
}

static bool is_assignment(const char *word)
{
	const char *end = envfile_name_end(word);

	return end != word && *end == '=';
}

static void add_assignment(struct list *list, const char *word)
{
	if (is_assignment(word))
		keep(list, word);
	else
		lose(list, word, " is not NAME=value");
}

static void add_group(struct list *list, const char *word)
{
	uint32_t id;

	if (num_u32(&id, slice_from(word)) || strcmp(word, "root") == 0 ||
	    strcmp(word, "nobody") == 0 || strcmp(word, "nonroot") == 0)
		keep(list, word);
	else
		lose(list, word, ": the image has no such group");
}

static void add_file(struct list *list, const char *word)
{
	if (strpbrk(word, "*?["))
		lose(list, word, ": files are not found by wildcards");
	else
		keep(list, word);
}

/* ID:PATH; the id becomes the name of a variable. */
static void add_credential(struct list *list, const char *word)
{
	const char *colon = strchr(word, ':');
	auto_buf struct buf text = { 0 };

	if (!colon || colon[1] != '/') {
		lose(list, word, ": without the path of a file");
		return;
	}
	for (const char *p = word; p < colon; p++) {
		bool is_letter = (*p | 0x20) >= 'a' && (*p | 0x20) <= 'z';
		bool is_digit = *p >= '0' && *p <= '9' && p > word;

		buf_add(&text, is_letter || is_digit ? p : "_", 1);
	}
	buf_text(&text, colon);
	keep(list, text.at);
}

static void add_word(struct list *list, enum unit_how how, const char *word)
{
	if (how == UNIT_ENVIRONMENT)
		add_assignment(list, word);
	else if (how == UNIT_GROUPS)
		add_group(list, word);
	else if (how == UNIT_CREDENTIAL)
		add_credential(list, word);
	else
		add_file(list, word);
}

/* One path a line for EnvironmentFile= and LoadCredential=, blanks and all. */
static int take_word(struct buf *word, struct slice *rest, enum unit_how how,
		     struct err *err)
{
	if (how != UNIT_ENVIRONMENT_FILE && how != UNIT_CREDENTIAL)
		return unit_take_word(word, rest, err);
	buf_add(word, rest->at, rest->len);
	int got = rest->len > 0;

	rest->len = 0;
	return got;
}

static int read_list(struct unit_work *work, struct list *list, struct err *err)
{
	struct slice rest = slice_from(work->now->item->value);
	enum unit_how how = work->now->key->how;
	int got = 1;

	while (got > 0) {
		auto_buf struct buf word = { 0 };
		auto_buf struct buf text = { 0 };

		got = take_word(&word, &rest, how, err);
		if (got > 0 &&
		    unit_expand(&text, buf_slice(&word), work->name, err) < 0)
			lose(list, err->text, "");
		else if (got > 0)
			add_word(list, how, text.at);
	}
	return got;
}

void unit_read_variables(struct unit_work *work)
{
	struct slice rest = slice_from(work->now->item->value);
	struct service_words *variables = &work->variables;
	struct err err = { 0 };
	int got = 1;

	while (got > 0 && variables->count < SERVICE_WORDS_MAX) {
		auto_buf struct buf word = { 0 };
		auto_buf struct buf text = { 0 };

		got = unit_take_word(&word, &rest, &err);
		if (got > 0 &&
		    unit_expand(&text, buf_slice(&word), work->name, &err) ==
			    0 &&
		    is_assignment(text.at))
			variables->at[variables->count++] = unit_keep(
				work, buf_slice(&text));
	}
}

void unit_convert_words(struct unit_work *work)
{
	bool is_credential = work->now->key->how == UNIT_CREDENTIAL;
	const char *key = is_credential ? "SecretFD" : work->now->item->name;
	struct list list = { 0 };
	auto_buf struct buf now = { 0 };
	struct err err = { 0 };

	if (read_list(work, &list, &err) < 0) {
		unit_dropped(work, err.text);
	} else if (!list.words.len) {
		unit_dropped(work, list.why.len ? list.why.at : "no word");
	} else if (unit_emit(work, key, buf_slice(&list.words))) {
		buf_fmt(&now, "%s=", key);
		buf_add(&now, list.words.at, list.words.len);
		if (is_credential)
			lose(&list, work->now->key->text, "");
		if (list.why.len)
			unit_changed(work, now.at, list.why.at);
		else
			unit_kept(work);
	}
	buf_free(&list.words);
	buf_free(&list.why);
}
