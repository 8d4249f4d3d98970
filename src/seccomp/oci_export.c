/*
 * The half of oci that writes.
 *
 * A policy's rules are tried in order; in a profile all rules of a call stand
 * side by side, a rule without arguments overrides the others, and an argument
 * can be compared once a rule. So each rule is written as what it adds to
 * those before it: its tests, and for each stricter rule one test that fails.
 */
#include "seccomp/oci.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "seccomp/oci_choice.h"
#include "seccomp/oci_name.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

enum {
	GAP_MAX = 64,	    /* values between two that are written singly */
	ENTRIES_MAX = 4096, /* rules of one profile, for bad cases */
};

struct export
{
	const struct policy *policy;
	json_t *entries;
	struct oci_call call; /* the one that is written */
};

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void set_action(json_t *object, const char *action, const char *error,
		       uint32_t value)
{
	set(object, action, json_string(oci_action_name(value)));
	if ((value & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		set(object, error,
		    json_integer((json_int_t)(value & SECCOMP_RET_DATA)));
}

/* JSON has signed numbers; readers take these for the unsigned ones. */
static json_t *argument(unsigned int index, enum oci_compare compare,
			uint64_t value, uint64_t two)
{
	json_t *object = json_pack("{s:i,s:I}", "index", (int)index, "value",
				   (json_int_t)value);

	if (compare == OCI_MASKED_EQ)
		set(object, "valueTwo", json_integer((json_int_t)two));
	set(object, "op", json_string(oci_compare_name(compare)));
	return object;
}

/* Write one rule of the profile for each way in which all tests hold. */
static int put_product(struct export *export, uint32_t action,
		       const struct oci_choice *choices, size_t count,
		       json_t *args, struct err *err)
{
	if (!count) {
		json_t *entry = json_pack("{s:[s]}", "names",
					  export->call.name);

		set_action(entry, "action", "errnoRet", action);
		set(entry, "args", json_deep_copy(args));
		json_array_append_new(export->entries, entry);
		return json_array_size(export->entries) > ENTRIES_MAX
			       ? err_set(err, 0, "more than %d rules",
					 ENTRIES_MAX)
			       : 0;
	}
	for (size_t i = 0; i < choices->count; i++) {
		const struct oci_compared *c = &choices->at[i];

		json_array_append_new(
			args, argument(c->index, c->compare, c->value, c->two));
		if (put_product(export, action, choices + 1, count - 1, args,
				err) < 0)
			return -1;
		json_array_remove(args, json_array_size(args) - 1);
	}
	return 0;
}

/* jansson, as JSON at large, has numbers up to 2^63 - 1. */
static int check_numbers(const struct export *export,
			 const struct rule_test *test, struct err *err)
{
	if (test->values[test->count - 1] <= INT64_MAX &&
	    (test->mask <= INT64_MAX || test->mask == UINT64_MAX))
		return 0;
	return err_set(err, 0, "%s: a value is too large for the format",
		       export->call.name);
}

/* A rule whose tests are those of one way to get to its action. */
static int put_rule(struct export *export, const struct rule *rule,
		    struct err *err)
{
	struct oci_choice choices[RULE_TESTS_MAX] = { { 0 } };
	json_t *args = json_array();
	int result = 0;

	for (size_t i = 0; i < rule->test_count && result == 0; i++) {
		if (i && rule->tests[i - 1].arg == rule->tests[i].arg)
			result = oci_too_much(&export->call, err);
		else if (check_numbers(export, &rule->tests[i], err) < 0)
			result = -1;
		else
			result = oci_choose(&choices[i], &export->call,
					    &rule->tests[i], err);
	}
	if (result == 0)
		result = put_product(export, rule->action, choices,
				     rule->test_count, args, err);
	for (size_t i = 0; i < rule->test_count; i++)
		free(choices[i].at);
	json_decref(args);
	return result;
}

static struct rule_test turned(const struct rule_test *test)
{
	static const uint8_t other[] = {
		[RULE_IN] = RULE_NOT_IN,
		[RULE_NOT_IN] = RULE_IN,
		[RULE_BELOW] = RULE_FROM,
		[RULE_FROM] = RULE_BELOW,
	};
	struct rule_test turned = *test;

	turned.op = other[test->op];
	return turned;
}

/*
 * Write rule as far as none of the stricter ones, count of them, holds. The
 * caller's rule is changed and freed.
 */
static int put_beside(struct export *export, struct rule *rule,
		      const struct rule *stricter, size_t count,
		      struct err *err)
{
	int result = 0;

	while (count && (stricter->action == rule->action ||
			 !rule_overlaps(stricter, rule))) {
		stricter++;
		count--;
	}
	if (!count) {
		result = put_rule(export, rule, err);
		rule_free(rule);
		return result;
	}
	for (size_t i = 0; i < stricter->test_count && result == 0; i++) {
		struct rule_test test = turned(&stricter->tests[i]);
		struct rule copy;

		rule_copy(&copy, rule);
		switch (rule_add_test(&copy, &test)) {
		case RULE_NEVER:
			rule_free(&copy);
			break;
		case RULE_FULL:
			rule_free(&copy);
			result = oci_too_much(&export->call, err);
			break;
		case RULE_ADDED:
		case RULE_ALWAYS:
			result = put_beside(export, &copy, stricter + 1,
					    count - 1, err);
			break;
		}
	}
	rule_free(rule);
	return result;
}

static int put_call(struct export *export, uint32_t nr, struct err *err)
{
	const struct policy *policy = export->policy;
	size_t count;
	const struct rule *rules = policy_rules(policy, nr, &count);
	struct rule last = { .nr = nr, .action = policy_fallback(policy, nr) };

	if (count && !rules[count - 1].test_count)
		count--;
	for (size_t i = 0; i < count; i++) {
		struct rule rule;

		if (rules[i].action == policy->otherwise)
			continue;
		rule_copy(&rule, &rules[i]);
		if (put_beside(export, &rule, rules, i, err) < 0)
			return -1;
	}
	if (!count || last.action == policy->otherwise)
		return 0;
	return put_beside(export, &last, rules, count, err);
}

/* The calls that get this action whatever their arguments, in one entry. */
static void put_flat(struct export *export, uint32_t action)
{
	const struct policy *policy = export->policy;
	const struct arch *arch = policy->arch;
	json_t *names = json_array();

	for (size_t i = 0; i < arch->syscall_count; i++) {
		uint32_t nr = arch->syscalls[i].nr;
		size_t count;
		const struct rule *rules = policy_rules(policy, nr, &count);

		if ((count && rules->test_count) ||
		    policy_fallback(policy, nr) != action)
			continue;
		json_array_append_new(names,
				      json_string(arch->syscalls[i].name));
	}
	if (!json_array_size(names)) {
		json_decref(names);
		return;
	}
	json_t *entry = json_pack("{s:o}", "names", names);

	set_action(entry, "action", "errnoRet", action);
	json_array_append_new(export->entries, entry);
}

/* Every action that calls get without conditions, allow first. */
static void put_all_flat(struct export *export)
{
	const struct policy *policy = export->policy;

	if (policy->otherwise != SECCOMP_RET_ALLOW)
		put_flat(export, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < policy->rule_count; i++) {
		uint32_t action = policy->rules[i].action;
		bool is_new = !policy->rules[i].test_count &&
			      action != policy->otherwise &&
			      action != SECCOMP_RET_ALLOW;

		for (size_t j = 0; j < i; j++)
			is_new = is_new && (policy->rules[j].test_count ||
					    policy->rules[j].action != action);
		if (is_new)
			put_flat(export, action);
	}
}

static int put_all(struct export *export, struct err *err)
{
	const struct arch *arch = export->policy->arch;

	put_all_flat(export);
	for (size_t i = 0; i < arch->syscall_count; i++) {
		size_t first = json_array_size(export->entries);

		if (i && arch->syscalls[i - 1].nr == arch->syscalls[i].nr)
			continue;
		export->call.name = arch->syscalls[i].name;
		export->call.is_inexact = false;
		if (put_call(export, arch->syscalls[i].nr, err) < 0)
			return -1;
		if (export->call.is_inexact)
			set(json_array_get(export->entries, first), "comment",
			    json_string("compares 64 bits where the kernel "
					"takes an int"));
	}
	return 0;
}

int oci_export(struct buf *out, const struct policy *policy, struct err *err)
{
	json_t *profile = json_object();
	struct export export = { .policy = policy,
				 .entries = json_array(),
				 .call = { .arch = policy->arch } };

	set_action(profile, "defaultAction", "defaultErrnoRet",
		   policy->otherwise);
	set(profile, "architectures",
	    json_pack("[s]", oci_arch_name(policy->arch)));
	int result = put_all(&export, err);

	set(profile, "syscalls", export.entries);
	if (result == 0) {
		char *text = json_dumps(profile, JSON_INDENT(2));

		buf_text(out, text);
		buf_text(out, "\n");
		free(text);
	}
	json_decref(profile);
	return result;
}
