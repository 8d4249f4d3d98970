#include "seccomp/policy_say.h"

#include <linux/seccomp.h>

#include "arch/arch.h"
#include "base/err.h"
#include "data/action.h"
#include "seccomp/condition.h"
#include "seccomp/groups.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"
#include "seccomp/word.h"

/* The note of a call, or NULL where the architecture lacks it. */
static struct note *note_of(struct policy_reader *reader, struct slice name)
{
	const struct arch *arch = reader->policy->arch;
	int nr = arch_syscall_nr(arch, name);
	int slot = nr < 0 ? -1 : policy_slot(arch, (uint32_t)nr);

	return slot < 0 ? NULL : &reader->notes[slot];
}

/* See guards.c: to allow it would add nothing. */
static bool is_never_allowed(struct slice name)
{
	return slice_eq(name, "clone3");
}

/* What is done to each call of a group. */
enum deed { DEED_ALLOW, DEED_REMOVE, DEED_ACTION };

static void do_call(struct policy_reader *reader, struct slice name,
		    enum deed deed, uint32_t action)
{
	struct note *note = note_of(reader, name);

	if (!note || (deed != DEED_ALLOW && policy_is_implied(name)))
		return;
	if (deed == DEED_ALLOW) {
		note->is_allowed = !is_never_allowed(name);
	} else if (deed == DEED_REMOVE) {
		note->is_removed = true;
	} else if (!note->has_action ||
		   rule_is_stricter(action, note->action)) {
		note->has_action = true;
		note->action = action;
	}
}

/* Set a slot's bit for each call of the group; ~ clears those before it. */
static void find_calls(uint64_t *slots, const struct arch *arch,
		       const struct group *group)
{
	struct slice rest = slice_from(group->calls);
	struct slice word;

	while (slice_word(&word, &rest)) {
		const struct group *inner = group_find(word);
		bool is_out = slice_has_prefix(word, "~");
		struct slice name = { word.at + is_out, word.len - is_out };
		int nr = arch_syscall_nr(arch, name);
		int slot = nr < 0 ? -1 : policy_slot(arch, (uint32_t)nr);

		if (inner)
			find_calls(slots, arch, inner);
		else if (slot >= 0 && is_out)
			slots[slot / 64] &= ~((uint64_t)1 << slot % 64);
		else if (slot >= 0)
			slots[slot / 64] |= (uint64_t)1 << slot % 64;
	}
}

/* The calls that the group allows under conditions. */
static int do_rules(struct policy_reader *reader, const struct group *group,
		    enum deed deed, uint32_t action, struct err *err)
{
	const struct arch *arch = reader->policy->arch;
	struct slice rest = slice_from(group->rules ? group->rules : "");
	struct slice line, name;

	while (slice_cut(&line, &rest, '\n')) {
		slice_cut(&name, &line, ':');
		int nr = arch_syscall_nr(arch, name);
		struct rule rule = { .nr = (uint32_t)nr,
				     .action = SECCOMP_RET_ALLOW };

		if (nr < 0)
			continue;
		if (deed != DEED_ALLOW) {
			do_call(reader, name, deed, action);
			continue;
		}
		if (condition_parse(&rule, arch, name, line, err) < 0) {
			rule_free(&rule);
			return err_wrap(err, "%s", group->name);
		}
		policy_add_rule(&reader->grouped, &rule);
	}
	return 0;
}

static int do_group(struct policy_reader *reader, const struct group *group,
		    enum deed deed, uint32_t action, struct err *err)
{
	const struct arch *arch = reader->policy->arch;
	uint64_t slots[POLICY_NR_MAX / 64] = { 0 };

	find_calls(slots, arch, group);
	for (size_t i = 0; i < arch->syscall_count; i++) {
		int slot = policy_slot(arch, arch->syscalls[i].nr);

		if (slot >= 0 && slots[slot / 64] >> slot % 64 & 1)
			do_call(reader, slice_from(arch->syscalls[i].name),
				deed, action);
	}
	return do_rules(reader, group, deed, action, err);
}

static int remove_call(struct policy_reader *reader, struct slice name,
		       unsigned int line, struct err *err)
{
	struct note *note = note_of(reader, name);

	if (!word_is_call(name))
		return word_unknown(reader->policy->arch, name, err);
	if (policy_is_implied(name))
		return err_set(err, 0, "'~%.*s': every program needs that call",
			       SLICE_ARGS(name));
	if (note && note->is_named)
		return err_set(err, 0, "'~%.*s': another line names that call",
			       SLICE_ARGS(name));
	if (note) {
		note->is_removed = true;
		note->removed_line = line;
	}
	return 0;
}

static int remove_name(struct policy_reader *reader, struct slice name,
		       unsigned int line, struct err *err)
{
	const struct group *group = group_find(name);

	if (!group)
		return remove_call(reader, name, line, err);
	return do_group(reader, group, DEED_REMOVE, 0, err);
}

static int clash(struct slice name, unsigned int line, const char *what,
		 struct err *err)
{
	return err_set(err, 0, "%.*s: line %u %s", SLICE_ARGS(name), line,
		       what);
}

/* Lines about one call have to fit together. */
static int check_note(const struct note *note, const struct rule *rule,
		      struct slice name, struct err *err)
{
	bool allows = rule->action == SECCOMP_RET_ALLOW;
	bool is_plain = !rule->test_count;

	if (note->removed_line)
		return clash(name, note->removed_line, "takes that call away",
			     err);
	if (is_plain && note->plain_line && note->plain_action != rule->action)
		return clash(name, note->plain_line, "says something else",
			     err);
	/* Such a condition would look like a restriction that it is not. */
	if (allows && is_plain && note->allow_line)
		return clash(name, note->allow_line,
			     "allows it under a condition", err);
	if (allows && !is_plain && note->plain_line &&
	    note->plain_action == SECCOMP_RET_ALLOW)
		return clash(name, note->plain_line,
			     "allows it without a condition", err);
	return 0;
}

/* Take the rule, and its memory, into what is named. */
static int name_call(struct policy_reader *reader, struct rule *rule,
		     struct slice name, struct err *err)
{
	struct note *note = note_of(reader, name);

	if (note && check_note(note, rule, name, err) < 0) {
		rule_free(rule);
		return -1;
	}
	/* A repeated line adds nothing. */
	if (!note || (!rule->test_count && note->plain_line) ||
	    (is_never_allowed(name) && rule_lets_pass(rule->action))) {
		rule_free(rule);
		return 0;
	}
	note->is_named = true;
	/* A condition that refuses leaves the rest as it was. */
	if (!rule->test_count || rule_lets_pass(rule->action))
		note->is_replaced = true;
	if (!rule->test_count) {
		note->plain_line = rule->line;
		note->plain_action = rule->action;
	} else if (rule->action == SECCOMP_RET_ALLOW) {
		note->allow_line = rule->line;
	}
	if (!policy_add_rule(&reader->named, rule))
		return err_set(err, 0, "more than %d rules", POLICY_RULES_MAX);
	return 0;
}

/* Cut "-> action" off the end of *text. Returns -1 when it is no action. */
static int cut_action(uint32_t *action, struct slice *text, struct err *err)
{
	static const char arrow[] = "->";
	const char *at = memmem(text->at, text->len, arrow, 2);

	*action = SECCOMP_RET_ALLOW;
	if (!at)
		return 0;
	struct slice word = slice_trim((struct slice){
		at + 2, (size_t)(text->at + text->len - at) - 2 });

	text->len = (size_t)(at - text->at);
	if (!action_parse(action, word))
		return err_set(err, 0, "'%s': no action",
			       word_shown(word).text);
	return 0;
}

/* Letters, digits and so on, without what compares. */
static bool is_word(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || strchr(" \t=!<>&", text.at[i]))
			return false;
	return true;
}

/* What follows "name:": an action, or a condition and perhaps an action. */
static int parse_rule(struct rule *rule, const struct policy_reader *reader,
		      struct slice name, struct slice text, struct err *err)
{
	text = slice_trim(text);
	if (action_parse(&rule->action, text))
		return 0;
	if (cut_action(&rule->action, &text, err) < 0)
		return -1;
	if (is_word(slice_trim(text)))
		return err_set(err, 0,
			       "'%s': neither an action nor a condition",
			       word_shown(text).text);
	return condition_parse(rule, reader->policy->arch, name, text, err);
}

static int say_of_call(struct policy_reader *reader, struct slice name,
		       struct slice text, unsigned int line, struct err *err)
{
	const struct arch *arch = reader->policy->arch;
	struct rule rule = { .action = SECCOMP_RET_ALLOW, .line = line };

	if (!word_is_call(name))
		return word_unknown(arch, name, err);
	rule.nr = (uint32_t)arch_syscall_nr(arch, name);
	if (text.len && parse_rule(&rule, reader, name, text, err) < 0) {
		rule_free(&rule);
		return err_wrap(err, "%.*s", SLICE_ARGS(name));
	}
	return name_call(reader, &rule, name, err);
}

static int say_of_group(struct policy_reader *reader, struct slice name,
			struct slice text, struct err *err)
{
	const struct group *group = group_find(name);
	uint32_t action = SECCOMP_RET_ALLOW;

	if (!group)
		return word_unknown(reader->policy->arch, name, err);
	if (text.len && !action_parse(&action, slice_trim(text)))
		return err_set(err, 0, "%.*s: a group takes an action only",
			       SLICE_ARGS(name));
	return do_group(reader, group,
			action == SECCOMP_RET_ALLOW ? DEED_ALLOW : DEED_ACTION,
			action, err);
}

static int set_otherwise(struct policy_reader *reader, struct slice text,
			 unsigned int line, struct err *err)
{
	uint32_t action;

	text = slice_trim(text);
	if (!action_parse(&action, text))
		return err_set(err, 0, "default: '%s': no action",
			       word_shown(text).text);
	if (reader->otherwise_line && reader->otherwise != action)
		return clash(SLICE("default"), reader->otherwise_line,
			     "says something else", err);
	reader->otherwise = action;
	reader->otherwise_line = line;
	return 0;
}

int policy_say(struct policy_reader *reader, struct slice text,
	       unsigned int line, struct err *err)
{
	struct slice name;
	bool has_colon = memchr(text.at, ':', text.len);

	slice_cut(&name, &text, ':');
	name = slice_trim(name);
	if (has_colon && !slice_trim(text).len)
		return err_set(err, 0, "'%s:': an action or condition is due",
			       word_shown(name).text);
	if (memchr(name.at, ' ', name.len) || memchr(name.at, '\t', name.len))
		return err_set(err, 0,
			       "'%s': one name a line, and a colon before "
			       "what is said of it",
			       word_shown(name).text);
	if (slice_eq(name, "default") && has_colon)
		return set_otherwise(reader, text, line, err);
	if (slice_has_prefix(name, "@"))
		return say_of_group(reader, name, text, err);
	if (!slice_has_prefix(name, "~"))
		return say_of_call(reader, name, text, line, err);
	if (has_colon)
		return err_set(err, 0, "'%s': ~ takes away, and nothing else",
			       word_shown(name).text);
	return remove_name(
		reader, slice_trim((struct slice){ name.at + 1, name.len - 1 }),
		line, err);
}
