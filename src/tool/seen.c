#include "tool/seen.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/passed.h"
#include "image/recipe.h"
#include "image/recipe_key.h"
#include "seccomp/policy_edit.h"
#include "tool/build.h"
#include "tool/calls.h"
#include "tool/policy_file.h"

enum { SHOWN_MAX = 12 };

/* By number; the three that are held against each other. */
struct sets {
	const struct arch *arch;
	bool derived[DERIVE_NR_MAX], traced[DERIVE_NR_MAX],
		passed[DERIVE_NR_MAX];
	bool has_traces;
};

static bool is_trace(const char *word)
{
	return strncmp(word, "trace:", 6) == 0;
}

/* Relative to the recipe, as what stands in it is. */
static int read_file(struct policy *traced, const struct recipe *recipe,
		     const char *name, struct err *err)
{
	auto_buf struct buf path = { 0 };

	recipe_path(&path, recipe, name);
	return policy_file_read(traced, path.at, err);
}

/* Widening words name files as file: does, in which % is a plain character. */
static int read_word(struct policy *traced, const struct recipe *recipe,
		     const char *name, struct err *err)
{
	const char *slash = recipe->file ? strrchr(recipe->file, '/') : NULL;
	auto_buf struct buf path = { 0 };

	if (slash && *name != '/')
		buf_add(&path, recipe->file,
			(size_t)(slash - recipe->file) + 1);
	buf_text(&path, name);
	return policy_file_read(traced, path.at, err);
}

static int read_traces(struct policy *traced, struct sets *sets,
		       const struct recipe *recipe, struct err *err)
{
	const struct service_words *words = &recipe->service.filter;

	for (size_t i = 0; i < recipe->traces.count; i++) {
		sets->has_traces = true;
		if (read_file(traced, recipe, recipe->traces.at[i], err) < 0)
			return err_wrap(err, "Trace");
	}
	for (size_t i = 0; i < words->count; i++) {
		if (!is_trace(words->at[i]))
			continue;
		sets->has_traces = true;
		if (read_word(traced, recipe, words->at[i] + 6, err) < 0)
			return -1;
	}
	return 0;
}

/* Traces list what every program may call, whether it was called or not. */
static bool is_implied(const struct arch *arch, uint32_t nr)
{
	const char *name = arch_syscall_name(arch, nr);

	return !name || policy_is_implied(slice_from(name));
}

static int fill(struct sets *out, const struct build *build,
		const struct passed *filter, bool is_derived, struct err *err)
{
	auto_policy struct policy traced = { 0 };

	*out = (struct sets){ .arch = build->recipe->arch };
	policy_init_bare(&traced, out->arch);
	if (read_traces(&traced, out, build->recipe, err) < 0)
		return -1;
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		out->derived[nr] = is_derived && build->automatic.calls[nr];
		out->traced[nr] = policy_allows(&traced, nr) &&
				  !is_implied(out->arch, nr);
	}
	for (size_t i = 0; i < filter->count; i++)
		if (filter->nr[i] < DERIVE_NR_MAX)
			out->passed[filter->nr[i]] = true;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, a blank between two. Returns how many, of which most are printed. */
static size_t print_names(struct buf *out, const struct arch *arch,
			  const bool *set, size_t most)
{
	const char *names[DERIVE_NR_MAX] = { 0 };
	size_t count = 0;

	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		if (set[nr] && arch_syscall_name(arch, nr))
			names[count++] = arch_syscall_name(arch, nr);
	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count && i < most; i++)
		buf_fmt(out, "%s%s", i ? " " : "", names[i]);
	if (count > most)
		buf_fmt(out, " and %zu more", count - most);
	return count;
}

static const char *keep_names(struct recipe *recipe, const struct arch *arch,
			      const bool *set)
{
	struct buf text = { 0 };

	buf_text(&text, "");
	print_names(&text, arch, set, DERIVE_NR_MAX);
	return recipe_keep(recipe, text.at);
}

/* Traced, and not known from the code: refused by the filter, or let through. */
static size_t print_unforeseen(struct buf *out, const struct sets *sets,
			       bool is_passed)
{
	bool set[DERIVE_NR_MAX];

	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		set[nr] = sets->traced[nr] && !sets->derived[nr] &&
			  sets->passed[nr] == is_passed;
	return print_names(out, sets->arch, set, SHOWN_MAX);
}

/* Known from the code, seen, and refused all the same. */
static size_t print_refused(struct buf *out, const struct sets *sets)
{
	bool set[DERIVE_NR_MAX];

	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		set[nr] = sets->traced[nr] && sets->derived[nr] &&
			  !sets->passed[nr];
	return print_names(out, sets->arch, set, SHOWN_MAX);
}

/* A list by hand was not derived: there a trace only tells what it refuses. */
static int compare_listed(struct build *build, const struct sets *sets)
{
	auto_buf struct buf names = { 0 };

	if (print_unforeseen(&names, sets, false))
		buf_fmt(&build->notes, "traced, and refused: %s\n", names.at);
	return 0;
}

static int compare(struct build *build, const struct sets *sets,
		   struct err *err)
{
	auto_buf struct buf lost = { 0 };
	auto_buf struct buf widened = { 0 };
	auto_buf struct buf refused = { 0 };

	if (print_unforeseen(&lost, sets, false))
		return err_set(err, 0,
			       "auto: calls were traced that its code is not "
			       "known to make: %s; where the trace is of this "
			       "program and no other, name them beside auto",
			       lost.at);
	if (print_unforeseen(&widened, sets, true))
		buf_fmt(&build->notes,
			"traced, and not found in the code: %s\n", widened.at);
	if (print_refused(&refused, sets))
		buf_fmt(&build->notes, "traced, and refused: %s\n", refused.at);
	return 0;
}

int seen_check(struct build *build, const struct passed *filter,
	       bool is_derived, struct err *err)
{
	struct recipe *recipe = build->recipe;
	struct sets sets;

	if (fill(&sets, build, filter, is_derived, err) < 0)
		return -1;
	recipe->filter.derived = is_derived ? keep_names(recipe, sets.arch,
							 sets.derived)
					    : NULL;
	recipe->filter.traced = sets.has_traces ? keep_names(recipe, sets.arch,
							     sets.traced)
						: NULL;
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++)
		build->automatic.dropped[nr] = sets.derived[nr] &&
					       !sets.passed[nr] &&
					       calls_is_policys(sets.arch, nr);
	return is_derived ? compare(build, &sets, err)
			  : compare_listed(build, &sets);
}
