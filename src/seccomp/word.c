#include "seccomp/word.h"

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "seccomp/groups.h"

struct word_shown word_shown(struct slice word)
{
	struct word_shown shown = { "" };

	for (size_t i = 0; i < word.len && i < sizeof(shown.text) - 1; i++)
		shown.text[i] = word.at[i] > ' ' && word.at[i] <= '~'
					? word.at[i]
					: '?';
	return shown;
}

bool word_is_call(struct slice name)
{
	for (size_t i = 0; arch_all[i]; i++)
		if (arch_syscall_nr(arch_all[i], name) >= 0)
			return true;
	return false;
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

int word_unknown(const struct arch *arch, struct slice word, struct err *err)
{
	bool is_group = slice_has_prefix(word, "@");
	const char *what = is_group ? "group" : "system call";
	const char *near = is_group ? nearest_group(word)
				    : nearest_call(word, arch);

	if (near)
		return err_set(err, 0, "'%s': unknown %s; did you mean %s?",
			       word_shown(word).text, what, near);
	return err_set(err, 0, "'%s': unknown %s", word_shown(word).text, what);
}
