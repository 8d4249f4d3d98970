#include "seccomp/policy_text.h"

#include <linux/seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/policy_edit.h"
#include "seccomp/policy_say.h"
#include "seccomp/word.h"

static struct policy_reader *start(struct policy *policy,
				   const struct policy_include *include,
				   const struct trail *above)
{
	struct policy_reader *reader = mem_new(1, sizeof(*reader));

	reader->policy = policy;
	reader->include = include;
	reader->trail.above = above;
	reader->trail.depth = above ? above->depth + 1 : 0;
	reader->trail.files = above ? above->files : &reader->files;
	policy_copy(&reader->weak, policy);
	policy_init_bare(&reader->grouped, policy->arch);
	policy_init_bare(&reader->named, policy->arch);
	return reader;
}

struct policy_reader *policy_reader_start(struct policy *policy,
					  const struct policy_include *include)
{
	struct policy_reader *reader = start(policy, include, NULL);

	if (include) {
		reader->trail.name = include->name;
		memcpy(reader->trail.id, include->id, sizeof(include->id));
	}
	return reader;
}

void policy_reader_drop(struct policy_reader *reader)
{
	policy_free(&reader->weak);
	policy_free(&reader->grouped);
	policy_free(&reader->named);
	free(reader);
}

static int read_lines(struct policy_reader *reader, struct slice text,
		      struct err *err)
{
	struct slice line;

	for (unsigned int number = 1; slice_cut(&line, &text, '\n'); number++)
		if (policy_reader_line(reader, line, number, err) < 0)
			return err_wrap(err, "line %u", number);
	return 0;
}

/* What the included policy's default means for the one that includes it. */
static void adopt(struct policy_reader *reader,
		  const struct policy_reader *child)
{
	bool has = child->otherwise_line || child->has_included;
	uint32_t action = child->otherwise_line ? child->otherwise
						: child->included;

	if (!has)
		return;
	reader->is_disputed = reader->is_disputed ||
			      (reader->has_included &&
			       reader->included != action);
	reader->has_included = true;
	reader->included = action;
}

static int read_file(struct policy_reader *reader,
		     const struct policy_file *file, struct err *err)
{
	struct policy inner;

	policy_init(&inner, reader->policy->arch);
	struct policy_reader *child = start(&inner, reader->include,
					    &reader->trail);

	child->trail.name = file->name;
	memcpy(child->trail.id, file->id, sizeof(file->id));
	int result = read_lines(child, (struct slice){ file->text, file->len },
				err);

	if (result == 0) {
		adopt(reader, child);
		result = policy_reader_end(child, err);
	} else {
		policy_reader_drop(child);
	}
	/* Its default concerns what it does not list, which is not merged. */
	inner.otherwise = reader->weak.otherwise;
	if (result == 0)
		result = policy_merge(&reader->weak, &inner, err);
	policy_free(&inner);
	return result < 0 ? err_wrap(err, "%s", file->name) : 0;
}

static bool is_above(const struct trail *trail, const uint64_t *id)
{
	for (; trail; trail = trail->above)
		if (memcmp(trail->id, id, sizeof(trail->id)) == 0)
			return true;
	return false;
}

static int include_file(struct policy_reader *reader, struct slice name,
			struct err *err)
{
	const struct policy_include *include = reader->include;
	struct policy_file file = { 0 };
	int result;

	if (!include || !include->load)
		return err_set(err, 0, "include: no file can be included here");
	if (reader->trail.depth == POLICY_DEPTH_MAX)
		return err_set(err, 0, "include: more than %d files deep",
			       POLICY_DEPTH_MAX);
	if (++*reader->trail.files > POLICY_INCLUDES_MAX)
		return err_set(err, 0, "include: more than %d files in all",
			       POLICY_INCLUDES_MAX);
	if (include->load(&file, include->context, reader->trail.name, name,
			  err) < 0)
		return -1;
	if (is_above(&reader->trail, file.id))
		result = err_set(err, 0, "include: %s includes itself",
				 file.name);
	else
		result = read_file(reader, &file, err);
	free(file.name);
	free(file.text);
	return result;
}

static int statement(struct policy_reader *reader, struct slice text,
		     unsigned int line, struct err *err)
{
	struct slice rest = text;
	struct slice word;

	slice_word(&word, &rest);
	rest = slice_trim(rest);
	if (!slice_eq(word, "include"))
		return policy_say(reader, text, line, err);
	if (!rest.len)
		return err_set(err, 0, "include: which file?");
	return include_file(reader, rest, err);
}

/* A line for other machines is read for its mistakes only. */
static int other_statement(const struct arch *arch, struct slice text,
			   unsigned int line, struct err *err)
{
	struct policy policy;
	struct slice word, rest = text;

	slice_word(&word, &rest);
	if (slice_eq(word, "include"))
		return 0;
	policy_init_bare(&policy, arch);
	struct policy_reader *reader = start(&policy, NULL, NULL);
	int result = statement(reader, text, line, err);

	policy_reader_drop(reader);
	return result;
}

/* "[x86_64 aarch64] statement" */
static int for_machines(struct policy_reader *reader, struct slice text,
			unsigned int line, struct err *err)
{
	const struct arch *other = NULL;
	struct slice names, word;
	bool is_ours = false;

	if (!memchr(text.at, ']', text.len))
		return err_set(err, 0, "'[' without ']'");
	text = (struct slice){ text.at + 1, text.len - 1 };
	slice_cut(&names, &text, ']');
	while (slice_word(&word, &names)) {
		const struct arch *arch = arch_by_name(word);

		if (!arch)
			return err_set(err, 0, "'%s': unknown architecture",
				       word_shown(word).text);
		is_ours = is_ours || arch == reader->policy->arch;
		other = arch;
	}
	text = slice_trim(text);
	if (!other || !text.len)
		return err_set(err, 0,
			       "after [ARCHITECTURE] stands a "
			       "statement");
	return is_ours ? statement(reader, text, line, err)
		       : other_statement(other, text, line, err);
}

int policy_reader_line(struct policy_reader *reader, struct slice line,
		       unsigned int number, struct err *err)
{
	struct slice text = slice_trim(line);

	if (!text.len || text.at[0] == '#' || text.at[0] == ';')
		return 0;
	if (text.at[0] == '[')
		return for_machines(reader, text, number, err);
	return statement(reader, text, number, err);
}

/* Everything that was read, in the order in which it counts. */
static void apply(struct policy *result, const struct policy_reader *reader)
{
	const struct arch *arch = reader->policy->arch;

	policy_copy(result, &reader->weak);
	for (size_t i = 0; i < arch->syscall_count; i++) {
		uint32_t nr = arch->syscalls[i].nr;
		int slot = policy_slot(arch, nr);
		const struct note *note = &reader->notes[slot < 0 ? 0 : slot];

		if (slot < 0)
			continue;
		if (note->is_allowed)
			policy_set(result, nr, SECCOMP_RET_ALLOW);
		else if (!policy_is_listed(result, nr))
			policy_add_rules(result, &reader->grouped, nr);
		if (note->is_removed)
			policy_clear(result, nr);
		if (note->has_action)
			policy_set(result, nr, note->action);
		if (note->is_replaced)
			policy_clear(result, nr);
		if (note->is_named)
			policy_add_rules(result, &reader->named, nr);
	}
	if (reader->otherwise_line)
		result->otherwise = reader->otherwise;
	else if (reader->has_included)
		result->otherwise = reader->included;
	policy_tidy(result);
}

int policy_reader_end(struct policy_reader *reader, struct err *err)
{
	struct policy result;

	if (reader->is_disputed && !reader->otherwise_line) {
		policy_reader_drop(reader);
		return err_set(err, 0,
			       "included files have different "
			       "defaults: add a line default:");
	}
	apply(&result, reader);
	policy_free(reader->policy);
	*reader->policy = result;
	policy_reader_drop(reader);
	return 0;
}

int policy_read(struct policy *policy, struct slice text,
		const struct policy_include *include, struct err *err)
{
	struct policy_reader *reader = policy_reader_start(policy, include);

	if (read_lines(reader, text, err) == 0)
		return policy_reader_end(reader, err);
	policy_reader_drop(reader);
	return -1;
}

int policy_parse(struct policy *policy, struct slice text, struct err *err)
{
	return policy_read(policy, text, NULL, err);
}

int policy_add(struct policy *policy, struct slice word, struct err *err)
{
	struct policy_reader *reader = policy_reader_start(policy, NULL);

	if (policy_reader_line(reader, word, 1, err) == 0)
		return policy_reader_end(reader, err);
	policy_reader_drop(reader);
	return -1;
}
