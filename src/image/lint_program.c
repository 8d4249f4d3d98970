/* Rules about what is started, and what it needs. */
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/lint_work.h"
#include "image/look.h"
#include "image/name.h"
#include "image/start.h"

static const char *word_at(const json_t *array, size_t i)
{
	return json_string_value(json_array_get(array, i));
}

static bool is_one_of(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (strcmp(name, *names) == 0)
			return true;
	return false;
}

/* Behind an init and its options: the program; else the first word. */
static const char *program_of(bool *has_init, const json_t *words)
{
	static const char *const inits[] = { "init",	    "pith-init",
					     "tini",	    "tini-static",
					     "docker-init", "dumb-init",
					     "catatonit",   NULL };
	const char *first = word_at(words, 0);

	*has_init = first && is_one_of(name_base(first), inits);
	if (!*has_init)
		return first;
	for (size_t i = 1; i < json_array_size(words); i++) {
		const char *word = word_at(words, i);

		if (word && strcmp(word, "--") == 0)
			return word_at(words, i + 1);
		if (word && word[0] != '-')
			return word;
	}
	return NULL;
}

static bool may_execute(const struct lint *lint, const struct tree_node *node)
{
	if (node->type == TAR_HARDLINK)
		return true;
	if (!lint->uid)
		return node->mode & 0111;
	if (node->uid == lint->uid)
		return node->mode & 0100;
	return node->mode & (node->gid == lint->gid ? 0010 : 0001);
}

static void check_machine(struct lint *lint, const struct tree_node *node)
{
	struct slice elf, name;

	if (!look_note(&elf, node->notes, "elf", 0) ||
	    !slice_cut(&name, &elf, ' ') || !lint->arch ||
	    slice_eq(name, lint->arch->oci))
		return;
	lint_find_path(lint, LINT_PROGRAM_ARCH, node->path,
		       "for linux/%.*s, the image is for linux/%s",
		       SLICE_ARGS(name), lint->arch->oci);
}

/* What pith-init will compare when it starts, as init/program.c does. */
static void check_filter(struct lint *lint, const struct tree_node *node)
{
	const struct filter *filter = &lint->filter;
	char recorded[FILTER_PATH_MAX + 1];

	if (!lint->has_filter || !filter->path_len || lint->service.any_program)
		return;
	memcpy(recorded, filter->path, filter->path_len);
	recorded[filter->path_len] = '\0';
	if (strcmp(recorded, lint->program) != 0)
		lint_find_path(lint, LINT_FILTER_PROGRAM, node->path,
			       "the filter was made for %s", recorded);
	else if (node->type == TAR_FILE && node->size != filter->program_size)
		lint_find_path(lint, LINT_FILTER_PROGRAM, node->path,
			       "%llu bytes, the filter's has %llu",
			       (unsigned long long)node->size,
			       (unsigned long long)filter->program_size);
}

/* The program itself, or a directory on the way to it. */
static int check_writable(struct lint *lint, struct err *err)
{
	const char *path = lint->program_path.at;
	size_t len = lint->program_path.len;
	struct tree_node node;
	int got = tree_rewind(lint->tree, err);

	if (got < 0 || !lint->uid)
		return got;
	while ((got = tree_next_there(&node, lint->tree, err)) > 0) {
		size_t n = strlen(node.path);

		if (n > len || strncmp(node.path, path, n) != 0 ||
		    (n < len && n && path[n] != '/'))
			continue;
		if ((node.uid == lint->uid && node.mode & 0200) ||
		    (node.gid == lint->gid && node.mode & 0020) ||
		    (node.mode & 0002 && !(node.mode & 01000)))
			lint_find_path(lint, LINT_WRITABLE_PROGRAM, node.path,
				       "mode 0%o, owner %llu:%llu, and user %u "
				       "runs it",
				       node.mode, (unsigned long long)node.uid,
				       (unsigned long long)node.gid, lint->uid);
	}
	return got;
}

static int check_file(struct lint *lint, const struct tree_node *node,
		      struct err *err)
{
	struct slice script;

	if (!may_execute(lint, node))
		lint_find_path(lint, LINT_PROGRAM_MODE, node->path,
			       "mode 0%o, user %u", node->mode, lint->uid);
	if (look_note(&script, node->notes, "script", 0))
		lint_find_path(lint, LINT_SCRIPT_PROGRAM, node->path,
			       "run by %.*s", SLICE_ARGS(script));
	check_machine(lint, node);
	check_filter(lint, node);
	return check_writable(lint, err);
}

static int check_program(struct lint *lint, const json_t *words,
			 struct err *err)
{
	auto_buf struct buf named = { 0 };
	struct tree_node node;
	bool has_init;

	lint->program = program_of(&has_init, words);
	if (!lint->program) {
		lint_find(lint, LINT_NO_PROGRAM, "",
			  "Entrypoint and Cmd name none");
		return 0;
	}
	if (!has_init)
		lint_find(lint, LINT_NO_INIT, "", "%s", lint->program);
	if (start_is_shell(lint->program))
		lint_find(lint, LINT_SHELL_ENTRYPOINT, "", "%s", lint->program);
	int got = start_find(&node, &named, &lint->program_path, lint->tree,
			     lint->config, lint->program, err);

	if (got == 0)
		lint_find(lint, LINT_PROGRAM_MISSING, "", "%s", lint->program);
	if (got <= 0) {
		lint->program_path.len = 0;
		return got;
	}
	return check_file(lint, &node, err);
}

static int check_health(struct lint *lint, struct err *err)
{
	const json_t *test = json_object_get(
		json_object_get(lint->config, "Healthcheck"), "Test");
	const char *form = word_at(test, 0);
	const char *name = word_at(test, 1);
	auto_buf struct buf path = { 0 }, file = { 0 };
	struct tree_node node;

	if (!form || !name || strncmp(form, "CMD", 3) != 0)
		return 0;
	bool is_shell_form = strcmp(form, "CMD-SHELL") == 0;

	if (is_shell_form || start_is_shell(name))
		lint_find(lint, LINT_SHELL_HEALTH, "", "%s", name);
	if (is_shell_form)
		name = "/bin/sh";
	int got = start_find(&node, &path, &file, lint->tree, lint->config,
			     name, err);

	if (got == 0)
		lint_find(lint, LINT_HEALTH_MISSING, "", "%s", name);
	return got < 0 ? -1 : 0;
}

/* A directory need not have an entry if something is below it. */
static int has_below(struct tree *tree, const char *path, struct err *err)
{
	size_t len = strlen(path);
	struct tree_node node;
	int got = tree_rewind(tree, err);

	if (got < 0)
		return -1;
	while ((got = tree_next_there(&node, tree, err)) > 0)
		if (strncmp(node.path, path, len) == 0 && node.path[len] == '/')
			return 1;
	return got;
}

static int check_directory(struct lint *lint, struct err *err)
{
	const char *directory = json_string_value(
		json_object_get(lint->config, "WorkingDir"));
	auto_buf struct buf path = { 0 };
	struct tree_node node;

	if (!directory || !*directory || strcmp(directory, "/") == 0)
		return 0;
	buf_text(&path, directory);
	int got = tree_resolve(&node, lint->tree, &path, err);

	if (got == 0)
		got = has_below(lint->tree, path.at, err);
	if (got == 0)
		lint_find(lint, LINT_WORKDIR_MISSING, "", "%s", directory);
	return got < 0 ? -1 : 0;
}

int lint_program(struct lint *lint, struct err *err)
{
	json_t *words = start_words(lint->config);
	int result = check_program(lint, words, err);

	if (result >= 0)
		result = check_health(lint, err);
	if (result >= 0)
		result = check_directory(lint, err);
	/* Its name was in there. */
	lint->program = NULL;
	json_decref(words);
	return result;
}
