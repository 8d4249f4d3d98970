#include "data/unit_word.h"

#include "base/buf.h"
#include "base/err.h"
#include "data/service.h"
#include "data/service_key.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct unit_name unit_name_of(const char *path, const char *instance)
{
	const char *slash = strrchr(path, '/');
	struct unit_name name = {
		.full = slice_from(slash ? slash + 1 : path),
	};
	struct slice rest = name.full;
	const char *dot = memrchr(rest.at, '.', rest.len);

	if (dot)
		rest.len = (size_t)(dot - rest.at);
	bool is_at = slice_find(rest, '@');

	slice_cut(&name.prefix, &rest, '@');
	name.instance = is_at ? rest : (struct slice){ "", 0 };
	name.is_template = is_at && !rest.len;
	if (name.is_template && instance) {
		name.instance = slice_from(instance);
		name.is_template = false;
	}
	return name;
}

static int octal_digit(char c)
{
	return c >= '0' && c <= '7' ? c - '0' : -1;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* How many characters of the escape are digits of its number, or 0. */
static size_t take_number(unsigned int *value, struct slice text)
{
	bool is_hex = text.len && text.at[0] == 'x';
	size_t begin = is_hex, want = is_hex ? 2 : 3;

	*value = 0;
	if (text.len < begin + want)
		return 0;
	for (size_t i = begin; i < begin + want; i++) {
		int digit = is_hex ? hex_digit(text.at[i])
				   : octal_digit(text.at[i]);

		if (digit < 0)
			return 0;
		*value = *value * (is_hex ? 16 : 8) + (unsigned int)digit;
	}
	return begin + want;
}

/* What stands behind a backslash. Returns how much of it was taken, or -1. */
static int take_escape(struct buf *out, struct slice text, struct err *err)
{
	static const char from[] = "abfnrtv\\\"'s";
	static const char to[] = "\a\b\f\n\r\t\v\\\"' ";
	const char *at = text.len ? memchr(from, text.at[0], sizeof(from) - 1)
				  : NULL;
	unsigned int value;
	size_t taken = take_number(&value, text);

	if (at) {
		buf_add(out, &to[at - from], 1);
		return 1;
	}
	if (!taken) {
		buf_text(out, "\\");
		return 0;
	}
	if (value == 0 || value > 127)
		return err_set(err, 0, "'\\%.*s' is no character of ASCII",
			       (int)taken, text.at);
	buf_add(out, &(char){ (char)value }, 1);
	return (int)taken;
}

int unit_take_word(struct buf *out, struct slice *rest, struct err *err)
{
	const char *p = rest->at, *end = rest->at + rest->len;
	char quote = 0;

	while (p < end && is_blank(*p))
		p++;
	bool is_any = p < end;

	buf_add(out, "", 0);
	for (; p < end && (quote || !is_blank(*p)); p++) {
		if (quote ? *p == quote : *p == '"' || *p == '\'') {
			quote = quote ? 0 : *p;
		} else if (*p == '\\') {
			struct slice text = { p + 1, (size_t)(end - p) - 1 };
			int taken = take_escape(out, text, err);

			if (taken < 0)
				return -1;
			p += taken;
		} else {
			buf_add(out, p, 1);
		}
	}
	if (quote)
		return err_set(err, 0, "an open quote");
	*rest = (struct slice){ p, (size_t)(end - p) };
	return is_any;
}

/* "15-main" is "15/main", and "\x2d" a '-', as systemd-escape(1) has it. */
static void add_unescaped(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		struct slice behind = { text.at + i + 1, text.len - i - 1 };
		unsigned int value = 0;
		size_t taken = 0;

		if (text.at[i] == '\\' && behind.len && behind.at[0] == 'x')
			taken = take_number(&value, behind);
		if (taken && value && value < 128)
			buf_add(out, &(char){ (char)value }, 1);
		else
			buf_add(out, text.at[i] == '-' ? "/" : text.at + i, 1);
		i += taken;
	}
}

/* What a system service has wherever it runs. */
static const char *fixed(char specifier)
{
	switch (specifier) {
	case 't':
		return "/run";
	case 'S':
		return "/var/lib";
	case 'C':
		return "/var/cache";
	case 'L':
		return "/var/log";
	case 'E':
		return "/etc";
	case 'T':
		return "/tmp";
	case 'V':
		return "/var/tmp";
	case '%':
		return "%";
	default:
		return NULL;
	}
}

static struct slice without_suffix(struct slice full)
{
	const char *dot = memrchr(full.at, '.', full.len);

	return dot ? (struct slice){ full.at, (size_t)(dot - full.at) } : full;
}

static int add_specifier(struct buf *out, char specifier,
			 const struct unit_name *name, struct err *err)
{
	bool is_whole = specifier == 'n' || specifier == 'N';
	bool is_instance = specifier == 'i' || specifier == 'I';
	bool is_prefix = specifier == 'p' || specifier == 'P';
	struct slice full = specifier == 'n' ? name->full
					     : without_suffix(name->full);
	struct slice text = is_instance ? name->instance : name->prefix;

	if (fixed(specifier)) {
		buf_text(out, fixed(specifier));
		return 0;
	}
	if ((is_whole || is_instance) && name->is_template)
		return err_set(err, 0,
			       "%%%c: the unit is a template: --instance NAME",
			       specifier);
	if (is_whole)
		buf_add(out, full.at, full.len);
	else if (specifier == 'i' || specifier == 'p')
		buf_add(out, text.at, text.len);
	else if (is_instance || is_prefix)
		add_unescaped(out, text);
	else if (strchr("aAbBdDfgGhHjJlmMoqsuUvwWyY", specifier))
		return err_set(err, 0,
			       "%%%c: only the host of the unit knows it",
			       specifier);
	else
		buf_add(out, (char[]){ '%', specifier }, 2);
	return 0;
}

int unit_expand(struct buf *out, struct slice text,
		const struct unit_name *name, struct err *err)
{
	buf_add(out, "", 0);
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] != '%' || i + 1 == text.len ||
		    text.at[i + 1] <= ' ') {
			buf_add(out, text.at + i, 1);
			continue;
		}
		if (add_specifier(out, text.at[++i], name, err) < 0)
			return -1;
	}
	return 0;
}

/* The value of a variable, the last that says it, or NULL. */
static const char *value_of(const struct service_words *environment,
			    struct slice name)
{
	for (size_t i = environment->count; i-- > 0;) {
		const char *word = environment->at[i];

		if (strncmp(word, name.at, name.len) == 0 &&
		    word[name.len] == '=')
			return word + name.len + 1;
	}
	return NULL;
}

static size_t name_len(const char *text)
{
	size_t len = 0;

	while (text[len] == '_' || (text[len] >= '0' && text[len] <= '9') ||
	       ((text[len] | 0x20) >= 'a' && (text[len] | 0x20) <= 'z'))
		len++;
	return len;
}

static const char *value_or_empty(const struct service_words *environment,
				  struct slice name, struct buf *missing)
{
	const char *value = value_of(environment, name);

	if (value)
		return value;
	missing->len = 0;
	buf_add(missing, name.at, name.len);
	return "";
}

static void add_word(struct buf *out, const char *word)
{
	buf_text(out, " ");
	service_print_word(out, word);
}

/* $NAME alone: what it holds, split at blanks. */
static void add_split(struct buf *out, const char *value)
{
	struct slice rest = slice_from(value);
	auto_buf struct buf word = { 0 };

	while (unit_take_word(&word, &rest, &(struct err){ 0 }) > 0) {
		add_word(out, word.at);
		word.len = 0;
	}
}

void unit_add_variables(struct buf *out, const char *word,
			const struct service_words *environment,
			struct buf *missing)
{
	auto_buf struct buf text = { 0 };
	size_t len = word[0] == '$' ? name_len(word + 1) : 0;

	if (len && !word[1 + len]) {
		add_split(out, value_or_empty(environment,
					      (struct slice){ word + 1, len },
					      missing));
		return;
	}
	buf_add(&text, "", 0);
	for (const char *p = word; *p; p++) {
		struct slice name = { p + 2, 0 };

		if (p[0] == '$' && p[1] == '{')
			name.len = name_len(p + 2);
		if (name.len && p[2 + name.len] == '}') {
			buf_text(&text,
				 value_or_empty(environment, name, missing));
			p += 2 + name.len;
		} else {
			buf_add(&text, p, 1);
			p += p[0] == '$' && p[1] == '$';
		}
	}
	add_word(out, text.at);
}
