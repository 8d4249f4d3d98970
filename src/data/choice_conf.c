#include "data/choice_conf.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next line, without what follows a hash. */
static bool next_line(struct slice *out, struct slice *text)
{
	struct slice line;

	*out = (struct slice){ "", 0 };
	if (!slice_cut(&line, text, '\n'))
		return false;
	slice_cut(out, &line, '#');
	return true;
}

/* What the database is does not matter, nor whether glibc knows it. */
static bool next_database(struct choice_conf *conf)
{
	struct slice line, name;

	while (next_line(&line, &conf->text)) {
		if (!slice_cut(&name, &line, ':') || !line.len)
			continue;
		conf->line = line;
		return true;
	}
	return false;
}

/* "[NOTFOUND=return]" is no service. */
static void skip_actions(struct slice *line)
{
	struct slice skipped;

	while (line->len && (is_blank(*line->at) || *line->at == '[')) {
		if (*line->at == '[') {
			slice_cut(&skipped, line, ']');
			continue;
		}
		line->at++;
		line->len--;
	}
}

/* The next service of a database's line; empty behind the last. */
static struct slice next_service(struct slice *line)
{
	struct slice service;

	skip_actions(line);
	service = (struct slice){ line->at, 0 };
	while (service.len < line->len && !is_blank(line->at[service.len]) &&
	       line->at[service.len] != '[')
		service.len++;
	if (service.len) {
		line->at += service.len;
		line->len -= service.len;
	}
	return service;
}

bool choice_conf_service(struct slice *out, struct choice_conf *conf)
{
	do {
		*out = next_service(&conf->line);
		if (out->len)
			return true;
	} while (next_database(conf));
	return false;
}

/* A hash begins a comment, wherever it stands; a colon is a blank. */
bool choice_conf_preloaded(struct slice *out, struct slice *text)
{
	struct slice comment;

	while (text->len) {
		size_t len = 0;

		if (*text->at == '#') {
			slice_cut(&comment, text, '\n');
			continue;
		}
		while (len < text->len && !is_blank(text->at[len]) &&
		       text->at[len] != ':' && text->at[len] != '#')
			len++;
		*out = (struct slice){ text->at, len };
		text->at += len ? len : 1;
		text->len -= len ? len : 1;
		if (len)
			return true;
	}
	*out = (struct slice){ "", 0 };
	return false;
}

/* "module FROM TO FILE COST"; FROM and TO are made of slashes, too. */
bool choice_conf_gconv_leads_away(struct slice text)
{
	struct slice line, word;

	while (next_line(&line, &text)) {
		struct slice file = { "", 0 };

		if (!slice_word(&word, &line) || word.len != 6 ||
		    strncasecmp(word.at, "module", 6) != 0)
			continue;
		for (int i = 0; i < 3; i++)
			if (!slice_word(&file, &line))
				file.len = 0;
		if (slice_find(file, '/'))
			return true;
	}
	return false;
}

/* Keys of providers, engines, and configuration modules: config(5). */
bool choice_conf_openssl_loads(struct slice text)
{
	static const char *const keys[] = { "module", "path", "dynamic_path",
					    "SO_PATH", "LOAD" };
	struct slice line, key;

	while (next_line(&line, &text)) {
		if (slice_has_prefix(slice_trim(line), ".include"))
			return true;
		if (!slice_cut(&key, &line, '='))
			continue;
		/* "section::path" is a key of another section. */
		while (slice_find(key, ':'))
			slice_cut(&(struct slice){ NULL, 0 }, &key, ':');
		key = slice_trim(key);
		/* "path.2": what follows a dot tells two of one name apart. */
		slice_cut(&key, &(struct slice){ key.at, key.len }, '.');
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (slice_eq(key, keys[i]))
				return true;
	}
	return false;
}

/*
 * "key: value"; a key of any case, and a hash only begins a line. Of a line that
 * is too long the rest is read as the next.
 */
bool choice_conf_sasl_lists(struct slice text)
{
	static const char wanted[] = "plugin_list:";
	enum { LINE_MAX_LEN = 4095 };
	struct slice line;

	while (slice_cut(&line, &text, '\n')) {
		if (line.len >= LINE_MAX_LEN)
			return true;
		while (line.len && is_blank(*line.at)) {
			line.at++;
			line.len--;
		}
		if (line.len >= strlen(wanted) &&
		    strncasecmp(line.at, wanted, strlen(wanted)) == 0)
			return true;
	}
	return false;
}

/* "module: NAME"; a hash begins a comment only where a line does. */
bool choice_conf_p11_module(struct slice *out, struct slice *text)
{
	struct slice line, key;

	while (slice_cut(&line, text, '\n')) {
		if (!slice_cut(&key, &line, ':') ||
		    !slice_eq(slice_trim(key), "module"))
			continue;
		*out = slice_trim(line);
		if (out->len)
			return true;
	}
	return false;
}

/* "load=PATH", also where more stands before the sign. */
bool choice_conf_gnutls_module(struct slice *out, struct slice *text)
{
	struct slice line, key;

	while (slice_cut(&line, text, '\n')) {
		if (!slice_has_prefix(line, "load") ||
		    !slice_cut(&key, &line, '='))
			continue;
		*out = slice_trim(line);
		if (out->len)
			return true;
	}
	return false;
}
