#include "tool/compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/diff.h"
#include "image/manifest.h"
#include "image/tree.h"
#include "tool/print.h"
#include "tool/report.h"
#include "tool/report_names.h"

/* Of the config: all that an engine acts on. */
static const char *const platform_keys[] = { "architecture", "os", "variant",
					     "created", "author" };
static const char *const config_keys[] = {
	"User",	       "Entrypoint",  "Cmd",   "WorkingDir", "StopSignal",
	"StopTimeout", "Healthcheck", "Shell", "OnBuild",
};
static const char *const set_keys[] = { "ExposedPorts", "Volumes" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Null, "", [] and {}: as good as not there. */
static bool is_empty(const json_t *value)
{
	const char *text = json_string_value(value);

	return !value || json_is_null(value) || (text && !*text) ||
	       (json_is_array(value) && !json_array_size(value)) ||
	       (json_is_object(value) && !json_object_size(value));
}

/* A string as it is, the rest as JSON; NULL where there is none. */
static char *show(const json_t *value)
{
	if (is_empty(value))
		return NULL;
	if (json_is_string(value))
		return mem_text(slice_from(json_string_value(value)));
	return json_dumps(value,
			  JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
}

static void tell(const struct diff_sink *sink, const char *part,
		 const char *subject, const json_t *a, const json_t *b)
{
	char *x = show(a);
	char *y = show(b);

	sink->tell(sink->to, &(struct diff_change){ part, subject, "", x, y });
	free(x);
	free(y);
}

/* ["A=1"] is {"A":"1"}, which compares by name. */
static json_t *by_name(const json_t *env)
{
	json_t *object = json_object();

	for (size_t i = 0; i < json_array_size(env); i++) {
		const char *text = json_string_value(json_array_get(env, i));
		const char *equals = text ? strchr(text, '=') : NULL;

		if (equals)
			json_object_setn_new(object, text,
					     (size_t)(equals - text),
					     json_string(equals + 1));
	}
	return object;
}

static void compare_values(const struct diff_sink *sink, const char *part,
			   const char *name, const json_t *a, const json_t *b);

/* Every member of either, those of a first: its key, and both values. */
typedef void member_fn(const struct diff_sink *sink, const char *part,
		       const char *name, const char *key, const json_t *a,
		       const json_t *b);

static void each_member(const struct diff_sink *sink, const char *part,
			const char *name, const json_t *a, const json_t *b,
			member_fn *see)
{
	for (int pass = 0; pass < 2; pass++) {
		json_t *of = (json_t *)(uintptr_t)(pass ? b : a);

		for (void *i = json_object_iter(of); i;
		     i = json_object_iter_next(of, i)) {
			const char *key = json_object_iter_key(i);
			const json_t *x = json_object_get(a, key);

			if (!pass || !x)
				see(sink, part, name, key, x,
				    json_object_get(b, key));
		}
	}
}

static void compare_member(const struct diff_sink *sink, const char *part,
			   const char *name, const char *key, const json_t *a,
			   const json_t *b)
{
	auto_buf struct buf full = { 0 };

	buf_text(&full, name);
	buf_text(&full, *name ? "." : "");
	buf_text(&full, key);
	compare_values(sink, part, full.at, a, b);
}

/* In {"80/tcp":{}} the keys alone are what counts. */
static void compare_key(const struct diff_sink *sink, const char *part,
			const char *name, const char *key, const json_t *a,
			const json_t *b)
{
	if (!a || !b)
		sink->tell(sink->to, &(struct diff_change){ part, name, "",
							    a ? key : NULL,
							    b ? key : NULL });
}

static void compare_values(const struct diff_sink *sink, const char *part,
			   const char *name, const json_t *a, const json_t *b)
{
	if (is_empty(a) && is_empty(b))
		return;
	if ((json_is_object(a) || is_empty(a)) &&
	    (json_is_object(b) || is_empty(b))) {
		each_member(sink, part, name, a, b, compare_member);
	} else if (!json_equal(a, b)) {
		tell(sink, part, name, a, b);
	}
}

static void compare_env(const struct diff_sink *sink, const json_t *a,
			const json_t *b)
{
	json_t *x = by_name(a);
	json_t *y = by_name(b);

	compare_values(sink, "config", "Env", x, y);
	json_decref(x);
	json_decref(y);
}

/* Lists of calls, which are told of call by call. */
static const char *const call_labels[] = { MANIFEST_DERIVED, MANIFEST_TRACED };

static void compare_labels(const struct diff_sink *sink, const json_t *a,
			   const json_t *b)
{
	json_t *x = json_copy((json_t *)(uintptr_t)a);
	json_t *y = json_copy((json_t *)(uintptr_t)b);

	for (size_t i = 0; i < COUNT(call_labels); i++) {
		json_object_del(x, call_labels[i]);
		json_object_del(y, call_labels[i]);
	}
	compare_values(sink, "config", "Labels", x, y);
	json_decref(x);
	json_decref(y);
}

static void compare_configs(const struct diff_sink *sink, const json_t *a,
			    const json_t *b)
{
	const json_t *x = json_object_get(a, "config");
	const json_t *y = json_object_get(b, "config");

	for (size_t i = 0; i < COUNT(platform_keys); i++)
		compare_values(sink, "config", platform_keys[i],
			       json_object_get(a, platform_keys[i]),
			       json_object_get(b, platform_keys[i]));
	for (size_t i = 0; i < COUNT(config_keys); i++)
		compare_values(sink, "config", config_keys[i],
			       json_object_get(x, config_keys[i]),
			       json_object_get(y, config_keys[i]));
	for (size_t i = 0; i < COUNT(set_keys); i++)
		each_member(sink, "config", set_keys[i],
			    json_object_get(x, set_keys[i]),
			    json_object_get(y, set_keys[i]), compare_key);
	compare_labels(sink, json_object_get(x, "Labels"),
		       json_object_get(y, "Labels"));
	compare_env(sink, json_object_get(x, "Env"), json_object_get(y, "Env"));
}

static bool has_call(const json_t *calls, const json_t *call)
{
	for (size_t i = 0; i < json_array_size(calls); i++)
		if (json_equal(json_array_get(calls, i), call))
			return true;
	return false;
}

/* The calls of one that the other lacks. */
static void tell_calls(const struct diff_sink *sink, const char *which,
		       const json_t *calls, const json_t *other, bool is_added)
{
	for (size_t i = 0; i < json_array_size(calls); i++) {
		const json_t *call = json_array_get(calls, i);

		if (!has_call(other, call))
			tell(sink, "filter", which, is_added ? NULL : call,
			     is_added ? call : NULL);
	}
}

static void compare_filters(const struct diff_sink *sink, const json_t *a,
			    const json_t *b)
{
	static const char *const keys[] = { "architecture", "starts_once",
					    "program" };

	if (json_is_null(a) && json_is_null(b))
		return;
	if (json_is_null(a) || json_is_null(b)) {
		tell(sink, "filter", "digest", json_object_get(a, "digest"),
		     json_object_get(b, "digest"));
		return;
	}
	for (size_t i = 0; i < COUNT(keys); i++)
		compare_values(sink, "filter", keys[i],
			       json_object_get(a, keys[i]),
			       json_object_get(b, keys[i]));
	const json_t *x = json_object_get(a, "calls");
	const json_t *y = json_object_get(b, "calls");

	tell_calls(sink, "calls", x, y, false);
	tell_calls(sink, "calls", y, x, true);
}

static void compare_evidence(const struct diff_sink *sink, const json_t *a,
			     const json_t *b)
{
	const json_t *labels[] = {
		json_object_get(json_object_get(a, "config"), "Labels"),
		json_object_get(json_object_get(b, "config"), "Labels"),
	};

	for (size_t i = 0; i < COUNT(call_labels); i++) {
		const char *which = strrchr(call_labels[i], '.') + 1;
		json_t *x = report_label(labels[0], call_labels[i]);
		json_t *y = report_label(labels[1], call_labels[i]);

		tell_calls(sink, which, x, y, false);
		tell_calls(sink, which, y, x, true);
		json_decref(x);
		json_decref(y);
	}
}

static int compare_subjects(const struct diff_sink *sink, struct subject *a,
			    struct subject *b, struct err *err)
{
	struct subject *const both[] = { a, b };
	json_t *service[2] = { NULL, NULL };
	json_t *filter[2] = { NULL, NULL };
	int result = 0;

	for (int i = 0; i < 2 && result == 0; i++) {
		service[i] = report_service(&both[i]->scan, err);
		if (service[i])
			filter[i] = report_filter(&both[i]->scan, err);
		if (!filter[i])
			result = err_wrap(err, "%s", both[i]->path);
	}
	if (result == 0) {
		compare_configs(sink, a->image.config, b->image.config);
		compare_values(sink, "service", "", service[0], service[1]);
		compare_filters(sink, filter[0], filter[1]);
		compare_evidence(sink, a->image.config, b->image.config);
	}
	for (int i = 0; i < 2; i++) {
		json_decref(service[i]);
		json_decref(filter[i]);
	}
	return result;
}

int compare_open(struct compare_side *side, const char *path,
		 const struct arch *arch, struct err *err)
{
	struct subject *subject = &side->subject;

	side->tree = NULL;
	if (subject_open(subject, path, arch, err) < 0)
		return -1;
	side->tree = tree_read(&subject->reader, &subject->image, NULL, err);
	return side->tree ? 0 : err_wrap(err, "%s", path);
}

void compare_close(struct compare_side *side)
{
	tree_free(side->tree);
	subject_close(&side->subject);
}

int compare_sides(const struct diff_sink *sink, struct compare_side *a,
		  struct compare_side *b, struct err *err)
{
	if (compare_subjects(sink, &a->subject, &b->subject, err) < 0)
		return -1;
	return diff_trees(sink, a->tree, b->tree, err);
}

void compare_print(const struct diff_change *change)
{
	printf("%c %s",
	       !change->a   ? '+'
	       : !change->b ? '-'
			    : '~',
	       change->part);
	printf("%s", *change->subject ? " " : "");
	print_text(stdout, slice_from(change->subject));
	printf(": ");
	if (change->a && change->b && *change->field)
		printf("%s: ", change->field);
	if (change->a)
		print_text(stdout, slice_from(change->a));
	printf("%s", change->a && change->b ? " -> " : "");
	if (change->b)
		print_text(stdout, slice_from(change->b));
	putchar('\n');
}
