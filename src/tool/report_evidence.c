/* What the code can call and what traces saw, beside what the filter allows. */
#include "tool/report.h"

#include <string.h>

#include "arch/arch.h"
#include "base/slice.h"
#include "image/manifest.h"
#include "seccomp/policy_edit.h"
#include "tool/calls.h"
#include "tool/report_names.h"

/* More than any machine has. */
enum { LABEL_CALLS_MAX = 1024 };

json_t *report_label(const json_t *labels, const char *key)
{
	const char *text = json_string_value(json_object_get(labels, key));
	struct slice word, rest = slice_from(text ? text : "");
	json_t *names;

	if (!text)
		return json_null();
	names = json_array();
	while (slice_word(&word, &rest)) {
		if (json_array_size(names) == LABEL_CALLS_MAX) {
			json_decref(names);
			return json_null();
		}
		json_array_append_new(names, json_stringn(word.at, word.len));
	}
	return names;
}

/* Of an array, those that the test holds for. */
struct question {
	const json_t *passed, *derived, *traced;
	const struct arch *arch;
};

typedef bool test_fn(const struct question *of, const char *name);

static bool is_policys(const struct question *of, const char *name)
{
	int nr = arch_syscall_nr(of->arch, slice_from(name));

	return nr >= 0 && calls_is_policys(of->arch, (uint32_t)nr);
}

static bool is_dropped(const struct question *of, const char *name)
{
	return !names_have(of->passed, name) && is_policys(of, name);
}

static bool is_closed(const struct question *of, const char *name)
{
	return !names_have(of->passed, name) && !is_policys(of, name);
}

static bool is_refused(const struct question *of, const char *name)
{
	return !names_have(of->passed, name);
}

static bool is_unforeseen(const struct question *of, const char *name)
{
	return json_is_array(of->derived) && !names_have(of->derived, name);
}

/* What every program may call is in no set of traced calls. */
static bool is_untraced(const struct question *of, const char *name)
{
	return json_is_array(of->traced) && names_have(of->passed, name) &&
	       !names_have(of->traced, name) &&
	       !policy_is_implied(slice_from(name));
}

static json_t *select_names(const json_t *names, const struct question *of,
			    test_fn *test)
{
	json_t *array = json_array();

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (name && test(of, name))
			json_array_append_new(array, json_string(name));
	}
	return array;
}

json_t *report_evidence(const json_t *labels, const json_t *filter)
{
	const char *machine = json_string_value(
		json_object_get(filter, "architecture"));
	json_t *derived = report_label(labels, MANIFEST_DERIVED);
	json_t *traced = report_label(labels, MANIFEST_TRACED);
	const struct question of = {
		.passed = json_object_get(filter, "calls"),
		.derived = derived,
		.traced = traced,
		.arch = machine ? arch_by_name(slice_from(machine)) : NULL,
	};

	if (!of.arch || (json_is_null(derived) && json_is_null(traced))) {
		json_decref(derived);
		json_decref(traced);
		return json_null();
	}
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "derived", derived,
			 "traced", traced, "unforeseen",
			 select_names(traced, &of, is_unforeseen), "refused",
			 select_names(traced, &of, is_refused), "dropped",
			 select_names(derived, &of, is_dropped), "closed",
			 select_names(derived, &of, is_closed), "untraced",
			 select_names(derived, &of, is_untraced));
}
