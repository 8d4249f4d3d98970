/* The half of oci that reads. */
#include "seccomp/oci.h"

#include <errno.h>
#include <jansson.h>
#include <linux/seccomp.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/action.h"
#include "seccomp/oci_json.h"
#include "seccomp/oci_name.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"
#include "seccomp/word.h"

struct import {
	struct policy *policy;
	struct buf *notes;
	const struct oci_machine *machine;
	/* By slot: a rule without arguments, which beats all others. */
	bool is_flat[POLICY_NR_MAX];
	struct buf unknown; /* names that no architecture has */
	bool is_wide;	    /* clone3 was to be allowed */
};

/* The error of an action: a number, or in templates also a name. */
static int read_errno(uint32_t *out, const json_t *object, const char *number,
		      const char *name, struct err *err)
{
	const json_t *value = oci_member(object, number);
	const char *text;

	*out = EPERM;
	if (oci_text(&text, object, name, err) < 0)
		return -1;
	if (value &&
	    (!json_is_integer(value) || json_integer_value(value) < 0 ||
	     json_integer_value(value) > ACTION_ERRNO_MAX))
		return err_set(err, 0, "%s: not a number from 0 to %d", number,
			       ACTION_ERRNO_MAX);
	if (value)
		*out = (uint32_t)json_integer_value(value);
	else if (text && *text && !action_errno(out, slice_from(text)))
		return err_set(err, 0, "%s: '%s': no error", name,
			       word_shown(slice_from(text)).text);
	return 0;
}

/* An action that needs somebody else, who is not there. */
static void note_absent(struct import *import, const char *name,
			const char *who)
{
	buf_fmt(import->notes,
		"%s: nobody %s here, so the call fails with "
		"ENOSYS\n",
		name, who);
}

static int read_action(uint32_t *out, struct import *import, const char *name,
		       uint32_t error, struct err *err)
{
	if (!name)
		return err_set(err, 0, "an action is missing");
	if (!oci_action(out, name))
		return err_set(err, 0, "'%s': no action",
			       word_shown(slice_from(name)).text);
	switch (*out & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		*out |= error;
		break;
	case SECCOMP_RET_TRACE:
		note_absent(import, name, "traces");
		*out = SECCOMP_RET_ERRNO | ENOSYS;
		break;
	case SECCOMP_RET_USER_NOTIF:
		note_absent(import, name, "listens");
		*out = SECCOMP_RET_ERRNO | ENOSYS;
		break;
	}
	return 0;
}

/* libseccomp compares an argument once a rule: runc makes several of it. */
static bool has_repeated(const json_t *args)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < json_array_size(args); i++) {
		const json_t *index = oci_member(json_array_get(args, i),
						 "index");
		uint64_t bit = (uint64_t)1 << (json_integer_value(index) & 63);

		if (seen & bit)
			return true;
		seen |= bit;
	}
	return false;
}

/* The first rule without arguments beats all others of its call. */
static void take_flat(struct import *import, uint32_t nr, uint32_t action)
{
	int slot = policy_slot(import->policy->arch, nr);

	if (slot < 0 || import->is_flat[slot])
		return;
	import->is_flat[slot] = true;
	policy_set(import->policy, nr, action);
}

static int take_rule(struct import *import, struct rule *rule,
		     enum rule_added added, struct err *err)
{
	int slot = policy_slot(import->policy->arch, rule->nr);

	if (added == RULE_FULL) {
		rule_free(rule);
		return err_set(err, 0, "more than %d comparisons",
			       RULE_TESTS_MAX);
	}
	if (added == RULE_NEVER || slot < 0 || import->is_flat[slot]) {
		rule_free(rule);
		return 0;
	}
	if (!rule->test_count) {
		take_flat(import, rule->nr, rule->action);
		return 0;
	}
	if (!policy_add_rule(import->policy, rule))
		return err_set(err, 0, "more than %d rules", POLICY_RULES_MAX);
	return 0;
}

/* From the argument numbered first up to the one numbered end. */
static int add_rule(struct import *import, uint32_t nr, uint32_t action,
		    const json_t *args, size_t first, size_t end,
		    struct err *err)
{
	struct rule rule = { .nr = nr, .action = action };
	enum rule_added added = RULE_ADDED;

	for (size_t i = first;
	     i < end && added != RULE_NEVER && added != RULE_FULL; i++) {
		if (oci_argument(&added, &rule, import->policy->arch,
				 json_array_get(args, i), err) < 0) {
			rule_free(&rule);
			return err_wrap(err, "args: %zu", i);
		}
	}
	return take_rule(import, &rule, added, err);
}

/* One call of an entry. */
static int add_call(struct import *import, const char *name, uint32_t action,
		    const json_t *args, struct err *err)
{
	const struct arch *arch = import->policy->arch;
	int nr = arch_syscall_nr(arch, slice_from(name));
	size_t count = json_array_size(args);

	if (nr < 0) {
		if (!word_is_call(slice_from(name)))
			buf_fmt(&import->unknown, " %s",
				word_shown(slice_from(name)).text);
		return 0;
	}
	if (strcmp(name, "clone3") == 0 && rule_lets_pass(action)) {
		import->is_wide = true;
		action = SECCOMP_RET_ERRNO | ENOSYS;
		count = 0;
	}
	if (!count)
		take_flat(import, (uint32_t)nr, action);
	else if (!has_repeated(args))
		return add_rule(import, (uint32_t)nr, action, args, 0, count,
				err);
	for (size_t i = 0; i < count; i++)
		if (add_rule(import, (uint32_t)nr, action, args, i, i + 1,
			     err) < 0)
			return -1;
	return 0;
}

static int add_calls(struct import *import, const json_t *entry,
		     uint32_t action, struct err *err)
{
	const json_t *names, *args;
	const char *single;

	if (oci_list(&names, entry, "names", err) < 0 ||
	    oci_list(&args, entry, "args", err) < 0 ||
	    oci_text(&single, entry, "name", err) < 0)
		return -1;
	if (single && *single &&
	    add_call(import, single, action, args, err) < 0)
		return err_wrap(err, "%s", word_shown(slice_from(single)).text);
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name)
			return err_set(err, 0, "names: not a string");
		if (add_call(import, name, action, args, err) < 0)
			return err_wrap(err, "%s",
					word_shown(slice_from(name)).text);
	}
	return 0;
}

static int add_entry(struct import *import, const json_t *entry,
		     struct err *err)
{
	const char *name;
	uint32_t action = 0, error = EPERM;
	bool meant = false;

	if (!json_is_object(entry))
		return err_set(err, 0, "not an object");
	if (oci_is_meant(&meant, import->policy->arch, import->machine, entry,
			 err) < 0 ||
	    oci_text(&name, entry, "action", err) < 0 ||
	    read_errno(&error, entry, "errnoRet", "errno", err) < 0)
		return -1;
	if (!meant)
		return 0;
	if (read_action(&action, import, name, error, err) < 0)
		return -1;
	/* runc leaves these out; libseccomp would refuse them. */
	if (action == import->policy->otherwise)
		return 0;
	return add_calls(import, entry, action, err);
}

static int add_entries(struct import *import, const json_t *profile,
		       struct err *err)
{
	const json_t *entries;

	if (oci_list(&entries, profile, "syscalls", err) < 0)
		return -1;
	for (size_t i = 0; i < json_array_size(entries); i++)
		if (add_entry(import, json_array_get(entries, i), err) < 0)
			return err_wrap(err, "syscalls: %zu", i);
	return 0;
}

static int read_default(struct import *import, const json_t *profile,
			struct err *err)
{
	const char *name;
	uint32_t error;

	if (oci_text(&name, profile, "defaultAction", err) < 0 ||
	    read_errno(&error, profile, "defaultErrnoRet", "defaultErrno",
		       err) < 0)
		return -1;
	if (read_action(&import->policy->otherwise, import, name, error, err) <
	    0)
		return err_wrap(err, "defaultAction");
	return 0;
}

/*
 * Where rules of one call disagree and can hold at once, libseccomp's answer
 * comes of how it sorts them; a policy's is the stricter one.
 */
static void note_overlaps(struct import *import)
{
	const struct policy *policy = import->policy;

	for (size_t i = 1; i < policy->rule_count; i++) {
		const struct rule *a = &policy->rules[i - 1];
		const struct rule *b = &policy->rules[i];

		if (a->nr == b->nr && a->action != b->action &&
		    rule_overlaps(a, b))
			buf_fmt(import->notes,
				"%s: rules with different actions overlap; "
				"the stricter counts\n",
				arch_syscall_name(policy->arch, a->nr));
	}
}

/* What else the profile asks for. */
static void note_rest(struct import *import, const json_t *profile)
{
	const char *own = oci_arch_name(import->policy->arch);
	const json_t *arches = oci_member(profile, "architectures");

	for (size_t i = 0; i < json_array_size(arches); i++) {
		const char *name = json_string_value(json_array_get(arches, i));

		if (name && strcmp(name, own) != 0)
			buf_fmt(import->notes,
				"%s: calls by its numbers kill the process\n",
				word_shown(slice_from(name)).text);
	}
	if (json_array_size(oci_member(profile, "archMap")))
		buf_text(import->notes, "archMap: calls by other numbers than "
					"the machine's own kill the process\n");
	if (json_array_size(oci_member(profile, "flags")))
		buf_text(import->notes, "flags: are for the runtime\n");
	if (oci_member(profile, "listenerPath"))
		buf_text(import->notes, "listenerPath: is for the runtime\n");
	if (import->is_wide)
		buf_text(import->notes,
			 "clone3: fails with ENOSYS all the same\n");
	if (import->unknown.len)
		buf_fmt(import->notes, "no such calls:%.*s\n",
			SLICE_ARGS(buf_slice(&import->unknown)));
}

/* A runtime's whole config.json has the profile in linux.seccomp. */
static const json_t *find_profile(const json_t *root)
{
	const json_t *inner = oci_member(oci_member(root, "linux"), "seccomp");

	return inner ? inner : root;
}

int oci_import(struct policy *policy, struct buf *notes, struct slice json,
	       const struct oci_machine *machine, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(json.at, json.len, JSON_REJECT_DUPLICATES,
				  &error);

	if (!root)
		return err_set(err, 0, "line %d: %s", error.line, error.text);
	struct import *import = mem_new(1, sizeof(*import));
	const json_t *profile = find_profile(root);

	*import = (struct import){ .policy = policy,
				   .notes = notes,
				   .machine = machine };
	policy_init_bare(policy, policy->arch);
	int result = json_is_object(profile)
			     ? read_default(import, profile, err)
			     : err_set(err, 0, "not a JSON object");

	if (result == 0)
		result = add_entries(import, profile, err);
	if (result == 0) {
		note_overlaps(import);
		note_rest(import, profile);
		policy_tidy(policy);
	} else {
		policy_free(policy);
	}
	buf_free(&import->unknown);
	free(import);
	json_decref(root);
	return result;
}
