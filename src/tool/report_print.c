#include "tool/report.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "image/manifest.h"
#include "tool/print.h"
#include "tool/size.h"

enum { LABEL_WIDTH = 12, LINE_WIDTH = 80 };

static void put_label(const char *label)
{
	printf("%-*s", LABEL_WIDTH, label);
}

static void put_text(const char *text)
{
	if (text)
		print_text(stdout, slice_from(text));
}

static void put_line(const char *label, const char *text)
{
	if (!text || !*text)
		return;
	put_label(label);
	put_text(text);
	putchar('\n');
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static uint64_t number_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* An empty or blank word is shown in quotes, or nobody would see it. */
static void put_word(const char *word)
{
	bool is_plain = *word && !strchr(word, ' ');

	printf("%s", is_plain ? "" : "\"");
	put_text(word);
	printf("%s", is_plain ? "" : "\"");
}

/* All words on one line. */
static void put_words(const char *label, const json_t *array)
{
	if (!json_array_size(array))
		return;
	put_label(label);
	for (size_t i = 0; i < json_array_size(array); i++) {
		printf("%s", i ? " " : "");
		put_word(json_string_value(json_array_get(array, i)));
	}
	putchar('\n');
}

/* One line each. */
static void put_lines(const char *label, const json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		put_line(i ? "" : label,
			 json_string_value(json_array_get(array, i)));
}

/* The evidence for the filter is shown beside it, and not as a long line. */
static bool is_shown_apart(const char *key)
{
	return strcmp(key, MANIFEST_DERIVED) == 0 ||
	       strcmp(key, MANIFEST_TRACED) == 0;
}

static void put_members(const char *label, json_t *object)
{
	for (void *i = json_object_iter(object); i;
	     i = json_object_iter_next(object, i)) {
		const char *value = json_string_value(
			json_object_iter_value(i));

		if (is_shown_apart(json_object_iter_key(i)))
			continue;
		put_label(label);
		put_text(json_object_iter_key(i));
		putchar('=');
		put_text(value);
		putchar('\n');
		label = "";
	}
}

static void put_layers(const json_t *layers)
{
	char packed[SIZE_TEXT_MAX], raw[SIZE_TEXT_MAX];

	for (size_t i = 0; i < json_array_size(layers); i++) {
		const json_t *layer = json_array_get(layers, i);
		const char *digest = text_of(layer, "digest");

		put_label(i ? "" : "layers");
		put_text(digest ? digest : text_of(layer, "diff_id"));
		printf("\n%-*s%s packed, %s as tar, %llu entries\n",
		       LABEL_WIDTH, "",
		       size_text(packed, number_of(layer, "packed")),
		       size_text(raw, number_of(layer, "unpacked")),
		       (unsigned long long)number_of(layer, "entries"));
	}
}

static void put_image(const json_t *report)
{
	const json_t *platform = json_object_get(report, "platform");
	const json_t *size = json_object_get(report, "size");
	const char *variant = text_of(platform, "variant");
	char packed[SIZE_TEXT_MAX], unpacked[SIZE_TEXT_MAX];

	put_line("file", text_of(report, "file"));
	put_lines("image", json_object_get(report, "names"));
	put_line("digest", text_of(report, "digest"));
	put_label("platform");
	put_text(text_of(platform, "os"));
	putchar('/');
	put_text(text_of(platform, "architecture"));
	printf("%s", variant ? "/" : "");
	put_text(variant);
	putchar('\n');
	put_label("size");
	printf("%s packed, %s unpacked, %llu entries\n",
	       size_text(packed, number_of(size, "packed")),
	       size_text(unpacked, number_of(size, "unpacked")),
	       (unsigned long long)number_of(report, "entries"));
	put_layers(json_object_get(report, "layers"));
}

static void put_config(const json_t *config)
{
	const char *user = text_of(config, "user");

	put_line("user", user && *user ? user : "root (none set)");
	put_words("entrypoint", json_object_get(config, "entrypoint"));
	put_words("cmd", json_object_get(config, "cmd"));
	put_lines("env", json_object_get(config, "env"));
	put_words("ports", json_object_get(config, "ports"));
	put_words("volumes", json_object_get(config, "volumes"));
	put_line("directory", text_of(config, "directory"));
	put_members("labels", json_object_get(config, "labels"));
	put_line("stop", text_of(config, "stop_signal"));
	put_words("health", json_object_get(config, "health"));
}

/* Names in lines of at most LINE_WIDTH. */
static void put_names(const json_t *calls)
{
	size_t column = LINE_WIDTH;

	for (size_t i = 0; i < json_array_size(calls); i++) {
		const char *name = json_string_value(json_array_get(calls, i));
		size_t len = strlen(name) + 1;

		if (column + len > LINE_WIDTH) {
			printf("%s%-*s", i ? "\n" : "", LABEL_WIDTH - 1, "");
			column = LABEL_WIDTH - 1;
		}
		printf(" %s", name);
		column += len;
	}
	printf("%s", json_array_size(calls) ? "\n" : "");
}

static void put_filter(const json_t *filter)
{
	const json_t *program = json_object_get(filter, "program");
	const json_t *calls = json_object_get(filter, "calls");
	const json_t *conditional = json_object_get(filter, "conditional");

	if (!json_is_object(filter)) {
		put_line("filter", "none (no /etc/pith/service.bpf)");
		return;
	}
	put_label("filter");
	printf("%zu calls, %s; %llu instructions for %s\n",
	       json_array_size(calls),
	       json_is_true(json_object_get(filter, "starts_once"))
		       ? "starts once"
		       : "may start programs",
	       (unsigned long long)number_of(filter, "instructions"),
	       text_of(filter, "architecture"));
	put_line("", text_of(filter, "digest"));
	put_label("program");
	if (json_is_object(program)) {
		put_text(text_of(program, "path"));
		printf(" (%llu bytes)\n",
		       (unsigned long long)number_of(program, "size"));
	} else {
		printf("any\n");
	}
	printf("calls\n");
	put_names(calls);
	if (json_array_size(conditional)) {
		printf("by argument\n");
		put_names(conditional);
	}
}

static void put_set(const char *label, const json_t *names)
{
	if (!json_array_size(names))
		return;
	printf("%s\n", label);
	put_names(names);
}

static void put_evidence(const json_t *evidence)
{
	const json_t *derived = json_object_get(evidence, "derived");
	const json_t *traced = json_object_get(evidence, "traced");

	if (!json_is_object(evidence))
		return;
	put_label("evidence");
	if (json_is_array(derived))
		printf("%zu calls derived", json_array_size(derived));
	if (json_is_array(traced))
		printf("%s%zu traced", json_is_array(derived) ? ", " : "",
		       json_array_size(traced));
	putchar('\n');
	put_set("TRACED, AND NOT DERIVED",
		json_object_get(evidence, "unforeseen"));
	put_set("TRACED, AND REFUSED", json_object_get(evidence, "refused"));
	put_set("derived, and dropped by the recipe",
		json_object_get(evidence, "dropped"));
	put_set("derived, and refused whatever the policy says",
		json_object_get(evidence, "closed"));
	put_set("derived, and never traced",
		json_object_get(evidence, "untraced"));
}

static void put_code(const json_t *code)
{
	if (!code)
		return;
	put_label("code");
	if (text_of(code, "why")) {
		printf("not known: ");
		put_text(text_of(code, "why"));
		putchar('\n');
		return;
	}
	printf("%zu calls (%s) in %zu files\n",
	       json_array_size(json_object_get(code, "calls")),
	       text_of(code, "status"),
	       json_array_size(json_object_get(code, "files")));
	put_set("called, and refused", json_object_get(code, "refused"));
	put_set("allowed, and never called", json_object_get(code, "spare"));
}

void report_print(const json_t *report)
{
	json_t *service = json_object_get(report, "service");

	put_image(report);
	put_config(json_object_get(report, "config"));
	if (json_is_object(service))
		put_members("service", service);
	else
		put_line("service", "none (no /etc/pith/service.conf: not "
				    "built by pith)");
	put_filter(json_object_get(report, "filter"));
	put_evidence(json_object_get(report, "evidence"));
	put_code(json_object_get(report, "code"));
}
