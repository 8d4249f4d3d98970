#include "image/recipe.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/ini.h"
#include "data/service_key.h"
#include "image/accounts.h"
#include "image/name.h"
#include "image/recipe_exec.h"
#include "image/recipe_harden.h"
#include "image/recipe_key.h"

enum { SECTION_NONE = -1, SECTION_IMAGE, SECTION_SERVICE, SECTIONS };

static const char *const sections[SECTIONS] = { "Image", "Service" };

/* What reading has to remember from line to line. */
struct parse {
	struct recipe *recipe;
	char *text;
	struct ini ini;
	int section;
	bool seen[SECTIONS][SERVICE_KEYS_MAX]; /* key i of that section */
	bool seen_harden[SERVICE_KEYS_MAX];    /* harden_key(i) */
	unsigned int user_line;
	unsigned int exec_line; /* of AllowExec= */
};

int recipe_wrap(struct err *err, const struct recipe *recipe, unsigned int line)
{
	if (!recipe->file)
		return -1;
	if (!line)
		return err_wrap(err, "%s", recipe->file);
	return err_wrap(err, "%s:%u", recipe->file, line);
}

static int enter_section(struct parse *parse, struct slice name,
			 struct err *err)
{
	for (int i = 0; i < SECTIONS; i++) {
		if (slice_eq(name, sections[i])) {
			parse->section = i;
			return 0;
		}
	}
	int near = slice_nearest(name, sections, SECTIONS);

	if (near < 0)
		return err_set(err, 0, "[%.*s]: unknown section",
			       SLICE_ARGS(name));
	return err_set(err, 0, "[%.*s]: unknown section; did you mean [%s]?",
		       SLICE_ARGS(name), sections[near]);
}

/* Note a key; one that may stand only once must not have been seen. */
static int see_key(bool *seen, const char *name, bool is_list, struct err *err)
{
	if (*seen && !is_list)
		return err_set(err, 0, "%s: given twice", name);
	*seen = true;
	return 0;
}

static int image_item(struct parse *parse, struct slice name, char *value,
		      struct err *err)
{
	const struct recipe_key *key = recipe_key_find(name);
	struct service_key other;

	if (!key && (service_key_find(&other, name, err) >= 0 ||
		     harden_find(name) >= 0))
		return err_set(err, 0, "%.*s: belongs into [Service]",
			       SLICE_ARGS(name));
	if (!key)
		return recipe_key_unknown(name, err);
	if (see_key(&parse->seen[SECTION_IMAGE][key - recipe_keys], key->name,
		    key->is_list, err) < 0)
		return -1;
	if (!*value)
		return err_set(err, 0, "%s: empty", key->name);
	if (key->set(parse->recipe, value, parse->ini.line, err) < 0)
		return err_wrap(err, "%s", key->name);
	return 0;
}

/* PID 1, which reads most of the same keys, has no room for guesses. */
static int unknown_service_key(struct slice name, struct err *err)
{
	const char *names[2 * SERVICE_KEYS_MAX];
	size_t count = 0;

	for (size_t i = 0; service_key(i); i++)
		names[count++] = service_key(i);
	for (size_t i = 0; harden_key(i); i++)
		names[count++] = harden_key(i);
	int near = slice_nearest(name, names, count);

	if (near < 0)
		return err_set(err, 0, "%.*s: unknown key", SLICE_ARGS(name));
	return err_set(err, 0, "%.*s: unknown key; did you mean %s?",
		       SLICE_ARGS(name), names[near]);
}

static int harden_item(struct parse *parse, size_t key, const char *value,
		       struct err *err)
{
	if (see_key(&parse->seen_harden[key], harden_key(key),
		    harden_is_list(key), err) < 0)
		return -1;
	recipe_harden_add(parse->recipe, key, value, parse->ini.line);
	return 0;
}

static int service_item(struct parse *parse, struct slice name, char *value,
			size_t len, struct err *err)
{
	struct service_key key;
	int i = service_key_find(&key, name, err);

	if (harden_find(name) >= 0)
		return harden_item(parse, (size_t)harden_find(name), value,
				   err);
	if (i < 0 && recipe_key_find(name))
		return err_set(err, 0, "%.*s: belongs into [Image]",
			       SLICE_ARGS(name));
	if (i < 0)
		return unknown_service_key(name, err);
	if (see_key(&parse->seen[SECTION_SERVICE][i], key.name,
		    service_key_is_list(key), err) < 0)
		return -1;
	if (slice_eq(name, "ExecStart"))
		parse->recipe->exec_line = parse->ini.line;
	if (slice_eq(name, "AllowExec")) {
		parse->recipe->says_exec = true;
		parse->exec_line = parse->ini.line;
		if (recipe_exec_is_platforms((struct slice){ value, len }))
			return recipe_exec_set(parse->recipe,
					       (struct slice){ value, len },
					       err);
	}
	if (slice_eq(name, "SystemCallFilter"))
		parse->recipe->filter_line = parse->ini.line;
	if (slice_eq(name, "User") || slice_eq(name, "Group") ||
	    slice_eq(name, "SupplementaryGroups"))
		parse->user_line = parse->ini.line;
	if (slice_eq(name, "SystemCallFilter")) {
		value = recipe_harden_words(parse->recipe, value);
		len = strlen(value);
	}
	return service_set(&parse->recipe->service, name, value, len, err);
}

static int parse_item(struct parse *parse, const struct ini_item *item,
		      struct err *err)
{
	/* The item points into text, which the caller lets us rewrite. */
	char *value = parse->text + (item->value.at - parse->text);

	if (!name_is_utf8(item->key) || !name_is_utf8(item->value))
		return err_set(err, 0, "not UTF-8");
	if (item->is_section)
		return enter_section(parse, item->key, err);
	if (parse->section == SECTION_NONE)
		return err_set(err, 0,
			       "%.*s: a key before [Image] or "
			       "[Service]",
			       SLICE_ARGS(item->key));
	value[item->value.len] = '\0';
	if (parse->section == SECTION_SERVICE)
		return service_item(parse, item->key, value, item->value.len,
				    err);
	return image_item(parse, item->key, value, err);
}

/* "dir/hello.pith" is localhost/hello where Name= says nothing. */
static void default_name(struct recipe *recipe)
{
	const char *slash = strrchr(recipe->file, '/');
	struct slice base = slice_from(slash ? slash + 1 : recipe->file);
	const char *dot = memrchr(base.at, '.', base.len);
	struct buf name = { 0 };

	if (dot && dot > base.at)
		base.len = (size_t)(dot - base.at);
	buf_text(&name, "localhost/");
	buf_add(&name, base.at, base.len);
	recipe->name = recipe_keep(recipe, name.at);
}

/* At the end, so that Account= may stand anywhere. */
static int resolve_owners(struct recipe *recipe, struct err *err)
{
	for (size_t i = 0; i < recipe->copy_count; i++) {
		struct recipe_copy *copy = &recipe->copies[i];

		if (!copy->owner ||
		    accounts_owner(&copy->uid, &copy->gid, &recipe->accounts,
				   slice_from(copy->owner), err) == 0)
			continue;
		err_wrap(err, "Copy");
		return recipe_wrap(err, recipe, copy->line);
	}
	return 0;
}

static int finish(struct parse *parse, struct err *err)
{
	struct recipe *recipe = parse->recipe;

	if (accounts_resolve(&recipe->service, &recipe->accounts, err) < 0)
		return recipe_wrap(err, recipe, parse->user_line);
	if (resolve_owners(recipe, err) < 0)
		return -1;
	if (recipe_harden_finish(recipe, err) < 0)
		return -1;
	if (!recipe->service.exec.count) {
		err_set(err, 0, "ExecStart= is missing from [Service]");
		return recipe_wrap(err, recipe, recipe->exec_line);
	}
	if (name_check_path(recipe->service.exec.at[0], err) < 0) {
		err_wrap(err, "ExecStart");
		return recipe_wrap(err, recipe, recipe->exec_line);
	}
	if (recipe_exec_check(recipe, err) < 0)
		return recipe_wrap(err, recipe, parse->exec_line);
	recipe_choose(recipe, recipe->arch);
	if (!recipe->name)
		default_name(recipe);
	return 0;
}

static void set_defaults(struct recipe *recipe, const char *file)
{
	*recipe = (struct recipe){
		.file = file,
		.tag = "latest",
		.base = RECIPE_SCRATCH,
		.archs = { arch_host() },
		.arch_count = 1,
		.arch = arch_host(),
		.filter = { .status = "listed" },
	};
	service_defaults(&recipe->service);
	accounts_start(&recipe->accounts);
}

int recipe_parse(struct recipe *out, char *text, size_t len, const char *file,
		 struct err *err)
{
	struct parse parse = {
		.recipe = out,
		.text = text,
		.ini = ini_open((struct slice){ text, len }),
		.section = SECTION_NONE,
	};
	struct ini_item item;
	int got;

	set_defaults(out, file);
	while ((got = ini_next(&item, &parse.ini, err)) > 0)
		if ((got = parse_item(&parse, &item, err)) < 0)
			break;
	if (got < 0)
		recipe_wrap(err, out, parse.ini.line);
	else
		got = finish(&parse, err);
	if (got < 0)
		recipe_free(out);
	return got;
}

/* service.conf holds an argument on its one line. */
static int check_argument(const char *arg, struct err *err)
{
	if (!name_is_utf8(slice_from(arg)))
		return err_set(err, 0, "an argument is not UTF-8");
	for (const char *p = arg; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\t')
			return err_set(err, 0,
				       "an argument holds a control "
				       "character");
	return 0;
}

static int set_lone(struct recipe *out, const char *program, char **args,
		    size_t arg_count, struct err *err)
{
	struct service_words *exec = &out->service.exec;
	const char *slash = strrchr(program, '/');
	const char *base = slash ? slash + 1 : program;
	struct buf target = { 0 };
	struct buf name = { 0 };

	buf_text(&name, "localhost/");
	buf_text(&name, base);
	out->name = recipe_keep(out, name.at);
	buf_text(&target, "/app/");
	buf_text(&target, base);
	recipe_keep(out, target.at);
	if (!*base)
		return err_set(err, 0, "%s: no program", program);
	if (arg_count >= SERVICE_WORDS_MAX)
		return err_set(err, 0, "more than %d arguments",
			       SERVICE_WORDS_MAX - 1);
	exec->at[exec->count++] = target.at;
	for (size_t i = 0; i < arg_count; i++) {
		if (check_argument(args[i], err) < 0)
			return -1;
		exec->at[exec->count++] = args[i];
	}
	recipe_add_copy(out, (struct recipe_copy){ .source = program,
						   .target = target.at });
	if (name_check_path(target.at, err) < 0)
		return -1;
	return accounts_resolve(&out->service, &out->accounts, err);
}

int recipe_lone(struct recipe *out, const char *program, char **args,
		size_t arg_count, struct err *err)
{
	set_defaults(out, NULL);
	if (set_lone(out, program, args, arg_count, err) == 0)
		return 0;
	recipe_free(out);
	return -1;
}

int recipe_check_name(const struct recipe *recipe, struct err *err)
{
	if (name_check_image(slice_from(recipe->name), err) < 0) {
		err_wrap(err, "a name for the image is needed (%s)",
			 recipe->file ? "Name= or --tag" : "--tag");
		return recipe_wrap(err, recipe, 0);
	}
	return 0;
}

int recipe_set_reference(struct recipe *recipe, char *reference,
			 struct err *err)
{
	char *colon = strrchr(reference, ':');

	/* In "host:5000/app" the colon belongs to the registry's port. */
	if (colon && strchr(colon, '/'))
		colon = NULL;
	if (colon) {
		*colon = '\0';
		recipe->tag = colon + 1;
	}
	recipe->name = reference;
	if (name_check_image(slice_from(reference), err) < 0)
		return -1;
	return name_check_tag(slice_from(recipe->tag), err);
}

void recipe_path(struct buf *out, const struct recipe *recipe, const char *path)
{
	const char *slash = recipe->file ? strrchr(recipe->file, '/') : NULL;

	if (path[0] != '/' && slash)
		buf_add(out, recipe->file, (size_t)(slash - recipe->file) + 1);
	for (const char *p = path; *p; p++) {
		/* In a lone program's name a percent sign is one. */
		if (*p == '%' && recipe->file && *++p == 'a')
			buf_text(out, recipe->arch->oci);
		else
			buf_add(out, p, 1);
	}
}

static void free_list(struct recipe_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
}

void recipe_free(struct recipe *recipe)
{
	free(recipe->copies);
	free(recipe->paths);
	accounts_free(&recipe->accounts);
	free(recipe->needs);
	free(recipe->hardens);
	free_list(&recipe->expose);
	free_list(&recipe->volumes);
	free_list(&recipe->labels);
	free_list(&recipe->also);
	free_list(&recipe->traces);
	free_list(&recipe->kept);
	*recipe = (struct recipe){ 0 };
}
