#include "seccomp/policy.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "seccomp/groups.h"
#include "seccomp/guards.h"

/*
 * Calls a program makes without asking for them: it ends, the kernel resumes
 * or returns from an interrupted call, the vDSO falls back to the real call
 * (clocks without a user-space source), a tracer's uretprobe trampoline runs.
 * ARM's private calls belong here too; see policy_allows().
 */
static const char *const implied[] = {
	"clock_getres",
	"clock_getres_time64",
	"clock_gettime",
	"clock_gettime64",
	"exit",
	"exit_group",
	"getcpu",
	"gettimeofday",
	"restart_syscall",
	"rt_sigreturn",
	"sigreturn",
	"time",
	"uretprobe",
};

static void allow(struct policy *policy, uint32_t nr)
{
	if (nr < POLICY_NR_MAX)
		policy->allowed[nr / 64] |= (uint64_t)1 << nr % 64;
}

/* A call this architecture lacks adds nothing, nor one always refused. */
static void allow_name(struct policy *policy, struct slice name)
{
	int nr = arch_syscall_nr(policy->arch, name);
	const struct guard *guard = guard_find(name);

	if (nr >= 0 && !(guard && guard->test == GUARD_ALWAYS))
		allow(policy, (uint32_t)nr);
}

void policy_init(struct policy *policy, const struct arch *arch)
{
	*policy = (struct policy){ .arch = arch };
	for (size_t i = 0; i < sizeof(implied) / sizeof(implied[0]); i++)
		allow_name(policy, slice_from(implied[i]));
}

static void allow_group(struct policy *policy, const struct group *group)
{
	struct slice rest = slice_from(group->calls);
	struct slice word;

	while (slice_word(&word, &rest)) {
		const struct group *inner = group_find(word);

		if (inner)
			allow_group(policy, inner);
		else
			allow_name(policy, word);
	}
}

static bool is_known(struct slice name)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_syscall_nr(arch_all[i], name) >= 0)
			return true;
	return false;
}

/* A word of the input, cut and cleaned so that a terminal can show it. */
struct shown {
	char text[41];
};

static struct shown show(struct slice word)
{
	struct shown shown = { "" };

	for (size_t i = 0; i < word.len && i < sizeof(shown.text) - 1; i++)
		shown.text[i] = word.at[i] > ' ' && word.at[i] <= '~'
					? word.at[i]
					: '?';
	return shown;
}

static const char *nearest_call(struct slice word, const struct arch *arch)
{
	size_t count = arch->syscall_count;
	auto_free const char **names = mem_new(count, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = arch->syscalls[i].name;
	int near = slice_nearest(word, names, count);

	return near < 0 ? NULL : names[near];
}

static const char *nearest_group(struct slice word)
{
	auto_free const char **names = mem_new(groups_count, sizeof(*names));

	for (size_t i = 0; i < groups_count; i++)
		names[i] = groups[i].name;
	int near = slice_nearest(word, names, groups_count);

	return near < 0 ? NULL : names[near];
}

static int refuse(const struct policy *policy, struct slice word,
		  struct err *err)
{
	bool is_group = slice_has_prefix(word, "@");
	const char *what = is_group ? "group" : "system call";
	const char *near = is_group ? nearest_group(word)
				    : nearest_call(word, policy->arch);
	struct shown shown = show(word);

	if (near)
		return err_set(err, 0, "'%s': unknown %s; did you mean %s?",
			       shown.text, what, near);
	return err_set(err, 0, "'%s': unknown %s", shown.text, what);
}

/* Syntax of other filters' languages, which a policy does not have. */
static const char *foreign_syntax(struct slice word)
{
	if (slice_has_prefix(word, "~") || slice_has_prefix(word, "!"))
		return "a policy only allows; it cannot take calls away";
	if (slice_eq(word, "include") || slice_eq(word, "@include"))
		return "a policy cannot include another";
	if (word.len && memchr(word.at, ':', word.len))
		return "a policy cannot give a call an action or conditions";
	return NULL;
}

int policy_add(struct policy *policy, struct slice word, struct err *err)
{
	const char *why = foreign_syntax(word);
	const struct group *group = group_find(word);

	if (why)
		return err_set(err, 0, "'%s': %s", show(word).text, why);
	if (group)
		allow_group(policy, group);
	else if (is_known(word))
		allow_name(policy, word);
	else
		return refuse(policy, word, err);
	return 0;
}

static int add_line(struct policy *policy, struct slice line, struct err *err)
{
	struct slice word;

	if (!slice_word(&word, &line) || word.at[0] == '#' || word.at[0] == ';')
		return 0;
	if (policy_add(policy, word, err) < 0)
		return -1;
	if (slice_word(&word, &line))
		return err_set(err, 0,
			       "'%s': one name a line, and no "
			       "conditions after it",
			       show(word).text);
	return 0;
}

int policy_parse(struct policy *policy, struct slice text, struct err *err)
{
	struct slice line;

	for (size_t number = 1; slice_cut(&line, &text, '\n'); number++)
		if (add_line(policy, line, err) < 0)
			return err_wrap(err, "line %zu", number);
	return 0;
}

/*
 * ARM's private calls are allowed without being named: libc makes them to
 * start a thread or flush a cache, and they reach nothing beyond the caller.
 */
bool policy_allows(const struct policy *policy, uint32_t nr)
{
	const struct arch *arch = policy->arch;

	if (nr < POLICY_NR_MAX)
		return policy->allowed[nr / 64] >> nr % 64 & 1;
	return arch->private_first && nr >= arch->private_first &&
	       nr <= arch->private_last && arch_syscall_name(arch, nr);
}

/*
 * The allowed calls' names into names (syscall_count of them fit); a number
 * with two names counts once. Returns how many.
 */
static size_t allowed_names(const char **names, const struct policy *policy)
{
	const struct arch *arch = policy->arch;
	size_t count = 0;

	for (size_t i = 0; i < arch->syscall_count; i++) {
		uint32_t nr = arch->syscalls[i].nr;

		if (i && arch->syscalls[i - 1].nr == nr)
			continue;
		if (policy_allows(policy, nr))
			names[count++] = arch->syscalls[i].name;
	}
	return count;
}

size_t policy_count(const struct policy *policy)
{
	auto_free const char **names = mem_new(policy->arch->syscall_count,
					       sizeof(*names));

	return allowed_names(names, policy);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void policy_print(struct buf *out, const struct policy *policy)
{
	auto_free const char **names = mem_new(policy->arch->syscall_count,
					       sizeof(*names));
	size_t count = allowed_names(names, policy);

	qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count; i++)
		buf_fmt(out, "%s\n", names[i]);
}
