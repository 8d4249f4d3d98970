/* What an image's own code calls, beside what its filter lets through. */
#include "tool/report.h"

#include <string.h>

#include "base/err.h"
#include "base/slice.h"
#include "image/libraries.h"
#include "seccomp/policy_edit.h"
#include "tool/derived.h"
#include "tool/image_code.h"
#include "tool/report_names.h"

bool names_have(const json_t *names, const char *name)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *other = json_string_value(json_array_get(names, i));

		if (other && strcmp(other, name) == 0)
			return true;
	}
	return false;
}

/* Those of the one that the other lacks. */
static json_t *without(const json_t *names, const json_t *others,
		       bool is_implied_left_out)
{
	json_t *array = json_array();

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));

		if (!name || names_have(others, name) ||
		    (is_implied_left_out &&
		     policy_is_implied(slice_from(name))))
			continue;
		json_array_append_new(array, json_string(name));
	}
	return array;
}

static int derive(json_t **out, const char *path, const struct arch *arch,
		  struct err *err)
{
	const struct image_code code = { .image = path, .arch = arch };
	struct libraries libraries;

	if (image_code_find(&libraries, &code, err) < 0)
		return -1;
	return derived_make(out, &libraries, false, err);
}

void report_add_code(json_t *report, const char *path, const struct arch *arch)
{
	const json_t *filter = json_object_get(
		json_object_get(report, "filter"), "calls");
	json_t *derived, *calls;
	struct err err;

	if (derive(&derived, path, arch, &err) < 0) {
		json_object_set_new(
			report, "code",
			json_pack("{s:s%}", "why", err.text, strlen(err.text)));
		return;
	}
	calls = json_object_get(derived, "calls");
	json_object_set_new(report, "code",
			    json_pack("{s:O,s:O,s:O,s:O,s:o,s:o}", "status",
				      json_object_get(derived, "status"),
				      "calls", calls, "files",
				      json_object_get(derived, "files"), "open",
				      json_object_get(derived, "open"),
				      "refused", without(calls, filter, false),
				      "spare", without(filter, calls, true)));
	json_decref(derived);
}
