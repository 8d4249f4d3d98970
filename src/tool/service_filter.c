#include "tool/service_filter.h"

#include <stdio.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/filter.h"
#include "data/passed.h"
#include "image/closure.h"
#include "image/recipe.h"
#include "seccomp/compile.h"
#include "seccomp/policy_text.h"
#include "tool/build.h"
#include "tool/policy_file.h"
#include "tool/seen.h"

/* What the words are, taken together. */
struct words {
	bool has_auto, is_complete; /* "complete": no further libraries */
	bool widens, narrows;	    /* of those beside auto */
};

static bool begins(const char *word, const char *prefix)
{
	return strncmp(word, prefix, strlen(prefix)) == 0;
}

static struct words read_kinds(const struct service_words *words)
{
	struct words out = { .has_auto = false };

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (strcmp(word, "auto") == 0)
			out.has_auto = true;
		else if (strcmp(word, "complete") == 0)
			out.is_complete = true;
		else if (begins(word, "file:") || begins(word, "trace:"))
			out.widens = true;
		else if (*word == '~' || strchr(word, ':'))
			out.narrows = true;
		else
			out.widens = true;
	}
	return out;
}

/* The gate's to open, by AllowExec=, and not the policy's. */
static bool is_gates(const char *name)
{
	return strcmp(name, "execve") == 0 || strcmp(name, "execveat") == 0;
}

/* The calls of the program's code, as a text that the words include. */
static void print_derived(struct buf *out, const struct build *build)
{
	bool may_exec = build->recipe->service.allow_exec;

	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const char *name = arch_syscall_name(build->automatic.arch, nr);

		if (build->automatic.calls[nr] && (may_exec || !is_gates(name)))
			buf_fmt(out, "%s\n", name);
	}
}

static const char derived_name[] = "(derived)";

/* Files, by paths relative to the recipe's directory, and that text. */
static int load(struct policy_file *out, void *context, const char *from,
		struct slice name, struct err *err)
{
	const struct build *build = context;
	const struct policy_include files = policy_file_include(
		build->recipe->file);
	struct buf text = { 0 };

	if (!slice_eq(name, derived_name))
		return files.load(out, files.context, from, name, err);
	print_derived(&text, build);
	*out = (struct policy_file){ .name = mem_text(name),
				     .text = text.at,
				     .len = text.len,
				     .id = { UINT64_MAX, UINT64_MAX } };
	return 0;
}

static int read_word(struct policy_reader *reader, const char *word,
		     unsigned int number, struct err *err)
{
	auto_buf struct buf line = { 0 };

	if (strcmp(word, "complete") == 0)
		return 0;
	if (strcmp(word, "auto") == 0)
		buf_fmt(&line, "include %s", derived_name);
	else if (begins(word, "file:") || begins(word, "trace:"))
		buf_fmt(&line, "include %s", strchr(word, ':') + 1);
	else
		buf_text(&line, word);
	return policy_reader_line(reader, buf_slice(&line), number, err);
}

static int read_words(struct policy *policy, struct build *build,
		      struct err *err)
{
	const struct recipe *recipe = build->recipe;
	const struct service_words *words = &recipe->service.filter;
	struct policy_include include = policy_file_include(recipe->file);
	struct policy_reader *reader;

	include.load = load;
	include.context = build;
	reader = policy_reader_start(policy, &include);
	/* What denies takes from what there would be without it. */
	if (recipe->filter_denies)
		policy_reader_line(reader, SLICE("@default"), 0, err);
	for (size_t i = 0; i < words->count; i++) {
		if (read_word(reader, words->at[i], (unsigned int)i + 1, err) <
		    0) {
			policy_reader_drop(reader);
			return -1;
		}
	}
	return policy_reader_end(reader, err);
}

static int refuse_open(const struct automatic *automatic, struct err *err)
{
	auto_buf struct buf place = { 0 };

	automatic_print_open(&place, automatic);
	return err_set(
		err, 0,
		"auto: %zu places are open (pith profile derive shows "
		"all): list the calls, or widen it by words beside auto, "
		"such as trace:FILE or @GROUP; the first: %s",
		automatic->open_count, place.at);
}

static void print_starts(const struct automatic *automatic)
{
	const json_t *lines = automatic_starts(automatic);

	for (size_t i = 0; i < json_array_size(lines); i++)
		printf("  %s\n", json_string_value(json_array_get(lines, i)));
}

/* Who starts others for its own sake is asked: a guess would be found late. */
static int check_starts(const struct build *build, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	const char *path = recipe->service.exec.at[0];

	if (recipe->also.count && !recipe->service.allow_exec)
		return err_set(
			err, 0,
			"Also: without AllowExec=yes nothing is started");
	if (!json_array_size(automatic_starts(&build->automatic)) ||
	    recipe->says_exec)
		return 0;
	print_starts(&build->automatic);
	return err_set(err, 0,
		       "auto: %s has code that starts programs (above): say "
		       "AllowExec=no, and that fails, or AllowExec=yes with "
		       "Also= for each of them",
		       path);
}

static int check_derived(const struct build *build, const struct words *words,
			 struct err *err)
{
	const struct automatic *automatic = &build->automatic;

	if (automatic->open_count && !words->widens)
		return refuse_open(automatic, err);
	return check_starts(build, err);
}

static const char *status_of(const struct automatic *automatic,
			     const struct words *words)
{
	if (!words->has_auto)
		return "listed";
	if (automatic->open_count)
		return "open+widened";
	if (automatic->vouched_count)
		return words->widens ? "vouched+widened" : "vouched";
	if (words->widens)
		return "exact+widened";
	return words->narrows ? "exact+narrowed" : "exact";
}

/*
 * Nobody said what is allowed: what the program's code calls where that is
 * known for sure, and otherwise the usual, with a word about it.
 */
static const char *choose(struct build *build)
{
	struct automatic *automatic = &build->automatic;
	auto_buf struct buf place = { 0 };
	struct err err;

	if (automatic_derive(automatic, build->recipe, false, &err) < 0) {
		buf_fmt(&build->notes, "not derived: %s\n", err.text);
	} else if (automatic->open_count) {
		automatic_print_open(&place, automatic);
		buf_fmt(&build->notes,
			"not derived: %zu places are open, the first: %s\n",
			automatic->open_count, place.at);
	} else {
		if (json_array_size(automatic_starts(automatic)))
			buf_text(&build->notes,
				 "has code that starts programs, which will "
				 "fail; pith profile explain execve shows "
				 "it\n");
		return "auto";
	}
	return "@default";
}

static int derive(struct build *build, const struct words *words,
		  struct err *err)
{
	if (!build->automatic.programs &&
	    automatic_derive(&build->automatic, build->recipe,
			     words->is_complete, err) < 0)
		return -1;
	/* Chosen: said in a note, and nobody is there to be asked. */
	return build->is_chosen ? 0 : check_derived(build, words, err);
}

static int make_policy(struct policy *policy, bool *is_derived,
		       struct build *build, struct err *err)
{
	struct recipe *recipe = build->recipe;
	struct service_words *filter = &recipe->service.filter;
	struct words words;

	if (!filter->count) {
		const char *word = build->is_chosen ? choose(build)
						    : "@default";

		filter->at[filter->count++] = (char *)(uintptr_t)word;
	}
	words = read_kinds(filter);
	if (words.is_complete && !words.has_auto)
		return err_set(err, 0, "complete: belongs beside auto");
	if (words.has_auto && derive(build, &words, err) < 0)
		return -1;
	recipe->filter.status = status_of(&build->automatic, &words);
	*is_derived = words.has_auto;
	policy_init(policy, recipe->arch);
	return read_words(policy, build, err);
}

/* Asked of the filter itself: the policy does not know what guards refuse. */
static int check_calls(struct build *build, const struct buf *blob,
		       bool is_derived, struct err *err)
{
	struct filter filter;
	struct passed calls;

	if (filter_parse(&filter, blob->at, blob->len, err) < 0 ||
	    passed_of(&calls, &filter, build->recipe->arch, err) < 0)
		return -1;
	build->calls = calls.count;
	return seen_check(build, &calls, is_derived, err);
}

int service_filter_make(struct buf *blob, struct build *build,
			const struct closure_program *program, struct err *err)
{
	struct recipe *recipe = build->recipe;
	const struct service_words *landlock = recipe->service.landlock;
	auto_policy struct policy policy = { 0 };
	bool is_derived = false;
	struct compile_options options = {
		.allow_exec = recipe->service.allow_exec,
		.harden = &recipe->harden,
		.program = {
			.path = recipe->service.exec.at[0],
			.size = program->size,
			.ident = program->ident,
			.ident_len = program->ident_len,
		},
	};

	recipe->harden.is_tcp_confined = landlock[SERVICE_BIND].count ||
					 landlock[SERVICE_CONNECT].count;
	if (make_policy(&policy, &is_derived, build, err) < 0 ||
	    compile_filter(blob, &policy, &options, err) < 0 ||
	    check_calls(build, blob, is_derived, err) < 0) {
		err_wrap(err, "SystemCallFilter");
		return recipe_wrap(err, recipe, recipe->filter_line);
	}
	return 0;
}

bool service_filter_is_derived(const struct build *build)
{
	const struct service_words *words = &build->recipe->service.filter;

	return read_kinds(words).has_auto ||
	       (!words->count && build->is_chosen);
}
