/* pith lint: what is wrong with an image that loads. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "image/lint.h"
#include "tool/args.h"
#include "tool/print.h"
#include "tool/tool.h"

enum { SHOWN = 10, RULES_MAX = 128, SEVERITIES = 3 };

static const char *const severities[SEVERITIES] = {
	[LINT_NOTE] = "note",
	[LINT_WARNING] = "warning",
	[LINT_ERROR] = "error",
};

struct report {
	const char *path;
	const struct arch *arch; /* --platform, or NULL */
	FILE *to; /* standard output, or where JSON waits to be complete */
	bool is_json, is_strict;
	size_t counts[SEVERITIES];
	size_t by_rule[RULES_MAX];
};

const struct args_option lint_options[] = {
	{ "json", 'j', NULL, "for programs, and with every finding" },
	{ "strict", 's', NULL, "fail for warnings, too" },
	{ "rules", 'r', NULL, "list all rules" },
	{ "explain", 'e', "RULE", "why it is one, and what to do" },
	{ "platform", 'p', "PLATFORM",
	  "of several: linux/arm64, arm/v7 and the like" },
	{ NULL, 0, NULL, NULL },
};

/* "x.tar: warning: /bin/su: a setuid program: mode 04755 [setuid]" */
static void print_line(const struct report *report,
		       const struct lint_rule *rule, const char *subject,
		       const char *detail)
{
	print_text(stdout, slice_from(report->path));
	printf(": %s: ", severities[rule->severity]);
	print_text(stdout, slice_from(subject));
	printf("%s%s: ", *subject ? ": " : "", rule->says);
	print_text(stdout, slice_from(detail));
	printf(" [%s]\n", rule->id);
}

static void print_json(FILE *to, const struct lint_rule *rule,
		       const char *subject, const char *detail, bool is_first)
{
	json_t *json = json_pack("{s:s,s:s,s:o,s:s,s:o}", "rule", rule->id,
				 "severity", severities[rule->severity],
				 "subject", print_json_text(subject), "says",
				 rule->says, "detail", print_json_text(detail));

	fprintf(to, "%s\n    ", is_first ? "" : ",");
	json_dumpf(json, to, 0);
	json_decref(json);
}

static size_t total(const struct report *report)
{
	size_t count = 0;

	for (size_t i = 0; i < SEVERITIES; i++)
		count += report->counts[i];
	return count;
}

static void find(void *to, const struct lint_rule *rule, const char *subject,
		 const char *detail)
{
	struct report *report = to;
	size_t before = report->by_rule[rule - lint_rules]++;

	if (report->is_json)
		print_json(report->to, rule, subject, detail,
			   total(report) == 0);
	else if (before < SHOWN)
		print_line(report, rule, subject, detail);
	report->counts[rule->severity]++;
}

static void print_head(const struct report *report)
{
	json_t *path = print_json_text(report->path);

	fprintf(report->to, "{\n  \"image\": ");
	json_dumpf(path, report->to, JSON_ENCODE_ANY);
	fprintf(report->to, ",\n  \"findings\": [");
	json_decref(path);
}

static void print_counts(const struct report *report)
{
	const size_t *counts = report->counts;

	for (size_t i = 0; i < lint_rule_count; i++)
		if (report->by_rule[i] > SHOWN)
			printf("%s: and %zu more [%s]\n", report->path,
			       report->by_rule[i] - SHOWN, lint_rules[i].id);
	printf("%s: %zu error%s, %zu warning%s, %zu note%s\n", report->path,
	       counts[LINT_ERROR], counts[LINT_ERROR] == 1 ? "" : "s",
	       counts[LINT_WARNING], counts[LINT_WARNING] == 1 ? "" : "s",
	       counts[LINT_NOTE], counts[LINT_NOTE] == 1 ? "" : "s");
}

/* End the JSON, and show it now that there is all of it. */
static int show_json(const struct report *report, struct err *err)
{
	char chunk[4096];
	size_t n;

	fprintf(report->to,
		"%s],\n  \"errors\": %zu,\n  \"warnings\": %zu,\n"
		"  \"notes\": %zu\n}\n",
		total(report) ? "\n  " : "", report->counts[LINT_ERROR],
		report->counts[LINT_WARNING], report->counts[LINT_NOTE]);
	if (fflush(report->to) != 0 || ferror(report->to))
		return err_set(err, errno, "write a scratch file");
	rewind(report->to);
	while ((n = fread(chunk, 1, sizeof(chunk), report->to)) > 0)
		fwrite(chunk, 1, n, stdout);
	return 0;
}

static int lint_json(struct report *report, struct err *err)
{
	const struct lint_sink sink = { find, report };
	int fd = io_scratch(err);

	if (fd < 0)
		return -1;
	report->to = fdopen(fd, "w+");
	if (!report->to) {
		close(fd);
		return err_set(err, ENOMEM, "a scratch file");
	}
	print_head(report);
	int result = lint_archive(&sink, report->path, report->arch, err);

	if (result == 0)
		result = show_json(report, err);
	fclose(report->to);
	return result;
}

static int lint_text(struct report *report, struct err *err)
{
	const struct lint_sink sink = { find, report };

	report->to = stdout;
	if (lint_archive(&sink, report->path, report->arch, err) < 0)
		return -1;
	print_counts(report);
	return 0;
}

static int lint(struct report *report, struct err *err)
{
	int result = report->is_json ? lint_json(report, err)
				     : lint_text(report, err);

	if (result < 0)
		return -1;
	return report->counts[LINT_ERROR] ||
	       (report->is_strict && report->counts[LINT_WARNING]);
}

/* In lines of at most 72, as people write mail. */
static void print_wrapped(const char *text)
{
	struct slice rest = slice_from(text);
	struct slice word;
	size_t column = 0;

	while (slice_word(&word, &rest)) {
		if (column && column + 1 + word.len > 72) {
			putchar('\n');
			column = 0;
		}
		printf("%s%.*s", column ? " " : "", SLICE_ARGS(word));
		column += word.len + (column != 0);
	}
	putchar('\n');
}

static int explain(const char *id, struct err *err)
{
	const struct lint_rule *rule = lint_rule_find(id, err);

	if (!rule)
		return err_wrap(err, "lint");
	printf("%s (%s): %s\n\n", rule->id, severities[rule->severity],
	       rule->says);
	print_wrapped(rule->why);
	return 0;
}

static int list_rules(void)
{
	for (size_t i = 0; i < lint_rule_count; i++)
		printf("%-24s %-8s %s\n", lint_rules[i].id,
		       severities[lint_rules[i].severity], lint_rules[i].says);
	return 0;
}

int cmd_lint(int argc, char **argv, struct err *err)
{
	const struct args args = { "lint", argc, argv, ":", lint_options };
	struct report report = { 0 };
	const char *rule = NULL;
	bool is_list = false;
	int option, got;

	args_start();
	while ((got = args_next(&option, &args, err)) > 0) {
		report.is_json |= option == 'j';
		report.is_strict |= option == 's';
		is_list |= option == 'r';
		if (option == 'e')
			rule = optarg;
		if (option == 'p' &&
		    (got = args_platform(&report.arch, &args, err)) < 0)
			break;
	}
	if (got < 0)
		return got;
	if (rule || is_list)
		return rule ? explain(rule, err) : list_rules();
	if ((got = args_image(&report.path, &args, err)) < 0)
		return got;
	return lint(&report, err);
}
