#include "tool/lessons.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "seccomp/policy.h"

enum { LINE_MAX_BYTES = 64 * 1024 };

void lessons_free(struct lessons *lessons)
{
	free(lessons->at);
	*lessons = (struct lessons){ 0 };
}

/* The tables' copy of the name, on whatever machine the log was made. */
static const char *known_name(const char *call)
{
	for (size_t i = 0; arch_all[i]; i++) {
		int nr = arch_syscall_nr(arch_all[i], slice_from(call));

		/* A number may have two names; this is the one it goes by. */
		if (nr >= 0)
			return arch_syscall_name(arch_all[i], (uint32_t)nr);
	}
	return NULL;
}

/* NULL with *err filled for what is no call. */
static const char *name_of(const struct denial *denial, struct err *err)
{
	const struct arch *arch = arch_by_audit(denial->audit);
	const char *name = NULL;
	struct policy policy;

	if (denial->call[0])
		name = known_name(denial->call);
	else if (arch)
		name = arch_syscall_name(arch, denial->nr);
	if (name)
		return name;
	if (!denial->call[0]) {
		err_set(err, 0, "call %u of architecture 0x%x: unknown",
			denial->nr, denial->audit);
		return NULL;
	}
	/* For its message, which names the nearest. */
	policy_init(&policy, arch_host());
	if (policy_add(&policy, slice_from(denial->call), err) == 0)
		err_set(err, 0, "'%s': no call's name", denial->call);
	return NULL;
}

static int add(struct lessons *lessons, const struct denial *denial,
	       struct err *err)
{
	const char *name = name_of(denial, err);
	size_t at = 0;

	if (!name)
		return -1;
	while (at < lessons->count && strcmp(lessons->at[at].call, name) < 0)
		at++;
	lessons->denials++;
	if (at < lessons->count && strcmp(lessons->at[at].call, name) == 0) {
		lessons->at[at].count++;
		return 0;
	}
	lessons->at = mem_grow(lessons->at, lessons->count + 1,
			       sizeof(*lessons->at));
	memmove(&lessons->at[at + 1], &lessons->at[at],
		(lessons->count - at) * sizeof(*lessons->at));
	lessons->at[at] = (struct lesson){ name, 1, *denial };
	lessons->count++;
	return 0;
}

static int take_line(struct lessons *lessons, struct denial_reader *reader,
		     struct slice line, const char *program, struct err *err)
{
	struct denial denial;

	if (!denial_read(&denial, reader, line))
		return 0;
	if (denial.kind == DENIAL_SUPPRESSED) {
		lessons->suppressed += denial.count;
		return 0;
	}
	if (program && strcmp(denial.program, program) != 0)
		return 0;
	return add(lessons, &denial, err);
}

/*
 * Up to the newline. Returns its length, cut at the limit, or -1 at the end.
 * No line of a denial is that long.
 */
static ssize_t get_line(char line[LINE_MAX_BYTES], FILE *log)
{
	ssize_t len = 0;
	int c;

	while ((c = getc_unlocked(log)) != EOF && c != '\n')
		if (len < LINE_MAX_BYTES)
			line[len++] = (char)c;
	return c == EOF && len == 0 ? -1 : len;
}

int lessons_read(struct lessons *out, FILE *log, const char *program,
		 struct err *err)
{
	auto_free char *line = mem_new(LINE_MAX_BYTES, 1);
	struct denial_reader reader = { 0 };
	ssize_t len;

	*out = (struct lessons){ 0 };
	for (size_t n = 1; (len = get_line(line, log)) >= 0; n++)
		if (take_line(out, &reader, (struct slice){ line, (size_t)len },
			      program, err) < 0)
			return err_wrap(err, "line %zu", n);
	if (ferror(log))
		return err_set(err, errno, "read");
	return 0;
}

/* A line's name, or an empty one: blank, a comment, or none of a call's. */
static struct slice name_on(struct slice line)
{
	struct slice word = { line.at, 0 };

	if (!slice_word(&word, &line) || word.at[0] == '#' || word.at[0] == ';')
		word.len = 0;
	return word;
}

static int compare(struct slice a, struct slice b)
{
	int result = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return result ? result : (a.len > b.len) - (a.len < b.len);
}

size_t lessons_place(struct slice text, const char *call)
{
	struct slice line, last = { "", 0 };
	size_t place = 0, n = 0;
	bool is_sorted = true;

	for (; slice_cut(&line, &text, '\n'); n++) {
		struct slice name = name_on(line);

		if (!name.len)
			continue;
		is_sorted &= compare(last, name) <= 0;
		/* Before the first name, unless a smaller one follows. */
		if (!last.len)
			place = n;
		if (compare(name, slice_from(call)) < 0)
			place = n + 1;
		last = name;
	}
	return is_sorted && last.len ? place : n;
}
