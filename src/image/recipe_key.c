#include "image/recipe_key.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/service_key.h"
#include "image/accounts.h"
#include "image/name.h"

static void add_text(struct recipe_list *list, char *text)
{
	list->at = mem_grow(list->at, list->count + 1, sizeof(*list->at));
	list->at[list->count++] = text;
}

char *recipe_keep(struct recipe *recipe, char *text)
{
	add_text(&recipe->kept, text);
	return text;
}

void recipe_add_label(struct recipe *recipe, char *text)
{
	add_text(&recipe->labels, text);
}

void recipe_add_path(struct recipe *recipe, struct recipe_path path)
{
	recipe->paths = mem_grow(recipe->paths, recipe->path_count + 1,
				 sizeof(*recipe->paths));
	recipe->paths[recipe->path_count++] = path;
}

void recipe_add_copy(struct recipe *recipe, struct recipe_copy copy)
{
	recipe->copies = mem_grow(recipe->copies, recipe->copy_count + 1,
				  sizeof(*recipe->copies));
	recipe->copies[recipe->copy_count++] = copy;
}

static int set_name(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	(void)line;
	recipe->name = value;
	return name_check_image(slice_from(value), err);
}

static int set_tag(struct recipe *recipe, char *value, unsigned int line,
		   struct err *err)
{
	(void)line;
	recipe->tag = value;
	return name_check_tag(slice_from(value), err);
}

static int set_base(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	static const char *const bases[] = { "scratch", "static", "glibc",
					     "cc" };

	(void)line;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		recipe->base = (enum recipe_base)i;
		if (strcmp(value, bases[i]) == 0)
			return 0;
	}
	return err_set(err, 0, "'%s' is no base (scratch, static, glibc or cc)",
		       value);
}

int recipe_platform(const struct arch **archs, size_t *count, struct slice word,
		    struct err *err)
{
	struct slice name = { word.at + strlen("linux/"),
			      word.len - strlen("linux/") };

	if (!slice_has_prefix(word, "linux/"))
		return err_set(err, 0,
			       "'%.*s' is no platform (such as linux/amd64)",
			       SLICE_ARGS(word));
	const struct arch *arch = arch_by_name(name);

	if (!arch)
		return err_set(err, 0, "'%.*s': no such architecture",
			       SLICE_ARGS(word));
	for (size_t i = 0; i < *count; i++)
		if (archs[i] == arch)
			return err_set(err, 0, "%.*s: given twice",
				       SLICE_ARGS(word));
	/* There are fewer than there is room for. */
	archs[(*count)++] = arch;
	return 0;
}

static int set_platforms(struct recipe *recipe, char *value, unsigned int line,
			 struct err *err)
{
	struct slice rest = slice_from(value);
	struct slice word;

	(void)line;
	recipe->arch_count = 0;
	while (slice_word(&word, &rest))
		if (recipe_platform(recipe->archs, &recipe->arch_count, word,
				    err) < 0)
			return -1;
	recipe->arch = recipe->archs[0];
	return 0;
}

/* %a is the architecture, %% a percent sign; nothing else has a meaning. */
int recipe_check_percent(const char *text, struct err *err)
{
	for (const char *p = text; (p = strchr(p, '%')); p += 2)
		if (p[1] != 'a' && p[1] != '%')
			return err_set(err, 0, "%s: after '%%' stands a or %%",
				       text);
	return 0;
}

int recipe_bad_words(struct err *err)
{
	return err_set(err, 0, "an open quote, or '\\' before what needs none");
}

/* /PATH TARGET: a symbolic link, whose target is only a text. */
static int set_link(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	char *path, *target, *more;
	int got = service_take_word(&path, &value);

	if (got > 0)
		got = service_take_word(&target, &value);
	if (got < 0)
		return recipe_bad_words(err);
	if (got == 0 || !*target || service_take_word(&more, &value) != 0)
		return err_set(err, 0, "expected /PATH TARGET");
	if (name_check_path(path, err) < 0)
		return -1;
	recipe_add_path(recipe, (struct recipe_path){ .path = path,
						      .link = target,
						      .line = line });
	return 0;
}

static int set_account(struct recipe *recipe, char *value, unsigned int line,
		       struct err *err)
{
	struct recipe_path home = { .line = line };

	if (accounts_add(&recipe->accounts, &home.path, value, err) < 0)
		return -1;
	char *name = mem_text(
		(struct slice){ value, (size_t)(strchr(value, ':') - value) });

	recipe_keep(recipe, name);
	if (home.path && accounts_owner(&home.uid, &home.gid, &recipe->accounts,
					slice_from(name), err) == 0)
		recipe_add_path(recipe, home);
	return 0;
}

static int set_debug(struct recipe *recipe, char *value, unsigned int line,
		     struct err *err)
{
	(void)line;
	recipe->is_debug = strcmp(value, "yes") == 0;
	if (recipe->is_debug || strcmp(value, "no") == 0)
		return 0;
	return err_set(err, 0, "'%s' is neither yes nor no", value);
}

static int set_root(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	recipe->root = value;
	recipe->root_line = line;
	return recipe_check_percent(value, err);
}

static int set_needs(struct recipe *recipe, char *value, unsigned int line,
		     struct err *err)
{
	char *word;
	int got;

	while ((got = service_take_word(&word, &value)) > 0) {
		if (word[0] != '/' && strchr(word, '/'))
			return err_set(err, 0,
				       "'%s' is neither a library's name nor "
				       "an absolute path",
				       word);
		recipe->needs = mem_grow(recipe->needs, recipe->need_count + 1,
					 sizeof(*recipe->needs));
		recipe->needs[recipe->need_count++] =
			(struct recipe_need){ word, line };
	}
	return got < 0 ? recipe_bad_words(err) : 0;
}

static int add_once(struct recipe_list *list, struct buf *text, struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->at[i], text->at) == 0) {
			err_set(err, 0, "%s: given twice", text->at);
			buf_free(text);
			return -1;
		}
	}
	add_text(list, text->at);
	return 0;
}

/* PORT or PORT/PROTOCOL, as the config's ExposedPorts has it. */
static int add_port(struct recipe *recipe, const char *word, struct err *err)
{
	struct slice protocol = slice_from(word);
	struct slice digits = { word, 0 };
	struct buf text = { 0 };
	uint32_t port;

	slice_cut(&digits, &protocol, '/');
	if (digits.len == strlen(word))
		protocol = SLICE("tcp");
	if (!num_u32(&port, digits) || port < 1 || port > 65535 ||
	    (!slice_eq(protocol, "tcp") && !slice_eq(protocol, "udp") &&
	     !slice_eq(protocol, "sctp")))
		return err_set(err, 0,
			       "'%s' is no port (such as 8080 or "
			       "53/udp)",
			       word);
	buf_fmt(&text, "%u/%.*s", port, SLICE_ARGS(protocol));
	return add_once(&recipe->expose, &text, err);
}

static int set_expose(struct recipe *recipe, char *value, unsigned int line,
		      struct err *err)
{
	char *word;
	int got;

	(void)line;
	while ((got = service_take_word(&word, &value)) > 0)
		if (add_port(recipe, word, err) < 0)
			return -1;
	return got < 0 ? recipe_bad_words(err) : 0;
}

static int add_paths(struct recipe_list *list, char *value, const char *what,
		     struct err *err)
{
	char *word;
	int got;

	while ((got = service_take_word(&word, &value)) > 0) {
		struct buf text = { 0 };

		if (name_check_path(word, err) < 0)
			return -1;
		if (!word[1])
			return err_set(err, 0, "/ cannot be a %s", what);
		buf_text(&text, word);
		if (add_once(list, &text, err) < 0)
			return -1;
	}
	return got < 0 ? recipe_bad_words(err) : 0;
}

static int set_volume(struct recipe *recipe, char *value, unsigned int line,
		      struct err *err)
{
	(void)line;
	return add_paths(&recipe->volumes, value, "volume", err);
}

static int set_also(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	(void)line;
	return add_paths(&recipe->also, value, "program", err);
}

/* Each of a machine of its own, by %a, or with lines for each. */
static int set_trace(struct recipe *recipe, char *value, unsigned int line,
		     struct err *err)
{
	char *word;
	int got;

	(void)line;
	while ((got = service_take_word(&word, &value)) > 0) {
		struct buf text = { 0 };

		if (!*word)
			return err_set(err, 0, "an empty word");
		if (recipe_check_percent(word, err) < 0)
			return -1;
		buf_text(&text, word);
		if (add_once(&recipe->traces, &text, err) < 0)
			return -1;
	}
	return got < 0 ? recipe_bad_words(err) : 0;
}

static int set_package_data(struct recipe *recipe, char *value,
			    unsigned int line, struct err *err)
{
	bool is_wanted;

	(void)line;
	if (!num_bool(&is_wanted, slice_from(value)))
		return err_set(err, 0, "'%s': expected yes or no", value);
	recipe->lacks_package_data = !is_wanted;
	return 0;
}

/* KEY=VALUE; the value is the rest of the line, quotes and all. */
static int set_label(struct recipe *recipe, char *value, unsigned int line,
		     struct err *err)
{
	struct recipe_list *labels = &recipe->labels;
	char *equals = strchr(value, '=');
	struct buf text = { 0 };

	(void)line;
	if (!equals || equals == value ||
	    strcspn(value, " \t\"") < (size_t)(equals - value))
		return err_set(err, 0, "'%s' is not KEY=VALUE", value);
	size_t key = (size_t)(equals - value) + 1;

	for (size_t i = 0; i < labels->count; i++)
		if (strncmp(labels->at[i], value, key) == 0)
			return err_set(err, 0, "%.*s: given twice",
				       (int)key - 1, value);
	buf_text(&text, value);
	add_text(labels, text.at);
	return 0;
}

const struct recipe_key recipe_keys[] = {
	{ "Name", false, set_name },
	{ "Tag", false, set_tag },
	{ "Base", false, set_base },
	{ "Platforms", false, set_platforms },
	{ "Copy", true, recipe_copy_set },
	{ "Expose", true, set_expose },
	{ "Volume", true, set_volume },
	{ "Label", true, set_label },
	{ "Also", true, set_also },
	{ "Link", true, set_link },
	{ "Account", true, set_account },
	{ "Root", false, set_root },
	{ "Debug", false, set_debug },
	{ "Needs", true, set_needs },
	{ "PackageData", false, set_package_data },
	{ "Trace", true, set_trace },
};

enum { KEY_COUNT = sizeof(recipe_keys) / sizeof(recipe_keys[0]) };

const struct recipe_key *recipe_key_find(struct slice name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (slice_eq(name, recipe_keys[i].name))
			return &recipe_keys[i];
	return NULL;
}

int recipe_key_unknown(struct slice name, struct err *err)
{
	const char *names[KEY_COUNT];

	for (size_t i = 0; i < KEY_COUNT; i++)
		names[i] = recipe_keys[i].name;
	int near = slice_nearest(name, names, KEY_COUNT);

	if (near < 0)
		return err_set(err, 0, "%.*s: unknown key", SLICE_ARGS(name));
	return err_set(err, 0, "%.*s: unknown key; did you mean %s?",
		       SLICE_ARGS(name), names[near]);
}
