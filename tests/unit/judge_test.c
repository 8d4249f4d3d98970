/*
 * libseccomp's second opinion: it agrees with filters of every kind of
 * condition, and finds a filter that is not what the policy says.
 */
#include "seccomp/judge.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "arch/arch.h"
#include "base/err.h"
#include "data/filter.h"
#include "seccomp/compile.h"
#include "seccomp/groups.h"
#include "seccomp/policy.h"
#include "seccomp/policy_edit.h"
#include "seccomp/rule.h"

static void read_policy(struct policy *out, const struct arch *arch,
			const char *text)
{
	struct err err = { 0 };

	policy_init(out, arch);
	if (policy_parse(out, slice_from(text), &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void compile(struct buf *blob, struct filter *filter,
		    const struct policy *policy,
		    const struct compile_options *options)
{
	struct err err = { 0 };

	if (compile_filter(blob, policy, options, &err) < 0 ||
	    filter_parse(filter, blob->at, blob->len, &err) < 0)
		fail_msg("%s", err.text);
}

/* The filter of one policy, judged by the rules of another. */
static int judge(struct judge_tally *tally, const struct policy *compiled,
		 const struct policy *said, bool is_plain, struct err *err)
{
	struct compile_options options = { .allow_exec = true,
					   .is_plain = is_plain };
	auto_policy struct policy whole = { 0 };
	auto_buf struct buf blob = { 0 };
	struct filter filter;

	compile(&blob, &filter, compiled, &options);
	if (compile_whole(&whole, said, &options, err) < 0)
		fail_msg("%s", err->text);
	return judge_filter(tally, &filter, &whole, err);
}

static const char *const policies[] = {
	"@default",
	"@system-service ~@swap default: kill",
	"read write:EIO openat:kill default:EACCES",
	"socket: domain in AF_INET AF_INET6 AF_UNIX",
	"socket: domain not in AF_NETLINK AF_PACKET",
	"socket: domain == AF_INET and type & 0xf == SOCK_STREAM\n"
	"socket: domain == AF_UNIX",
	"mprotect\nmprotect: prot & PROT_EXEC != 0 -> EPERM",
	"mmap\nmmap: prot & 6 == 6 -> EACCES\nmmap: flags & 0x20 == 0 -> log",
	"lseek: offset < 0x10001\nlseek: whence >= 2 -> EINVAL",
	"kill: sig < 9\nkill: sig >= 15",
	"kill: sig >= 3 and sig < 9 and sig not in 5 6",
	"chmod\nchmod: mode & 06000 != 0 -> EPERM",
	"clone: flags & 0x7e020000 == 0",
};

/* One statement a line. */
static void make_policy(struct policy *out, const struct arch *arch,
			const char *words)
{
	auto_buf struct buf text = { 0 };
	struct slice rest = slice_from(words);
	struct slice word;

	if (strstr(words, ": ") && !strstr(words, "default: ")) {
		read_policy(out, arch, words);
		return;
	}
	while (slice_word(&word, &rest)) {
		buf_add(&text, word.at, word.len);
		buf_text(&text, word.at[word.len - 1] == ':' ? " " : "\n");
	}
	read_policy(out, arch, text.at);
}

static void it_agrees_with_filters_of_every_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		for (size_t a = 0; arch_all[a]; a++) {
			__attribute__((cleanup(
				judge_tally_free))) struct judge_tally tally = {
				0
			};
			auto_policy struct policy policy = { 0 };
			struct err err = { 0 };

			make_policy(&policy, arch_all[a], policies[i]);
			if (judge(&tally, &policy, &policy, i % 2, &err) < 0)
				fail_msg("%s: %s", policies[i], err.text);
			assert_true(tally.calls > 250);
			assert_true(tally.verdicts > tally.calls);
			assert_int_equal(tally.beyond.len, 0);
			assert_non_null(strstr(tally.unknown.at, "mseal"));
		}
	}
}

/* The gate is not judged, and all else behind it is. */
static void it_agrees_with_a_filter_that_has_the_gate(void **state)
{
	__attribute__((
		cleanup(judge_tally_free))) struct judge_tally tally = { 0 };
	struct compile_options options = { 0 };
	auto_policy struct policy policy = { 0 };
	auto_policy struct policy whole = { 0 };
	auto_buf struct buf blob = { 0 };
	struct filter filter;
	struct err err = { 0 };

	(void)state;
	read_policy(&policy, &arch_x86_64, "@default");
	compile(&blob, &filter, &policy, &options);
	assert_int_equal(compile_whole(&whole, &policy, &options, &err), 0);
	if (judge_filter(&tally, &filter, &whole, &err) < 0)
		fail_msg("%s", err.text);
}

static const struct {
	const char *compiled, *said;
	const char *why;
} wrong[] = {
	{ "read", "read\nwrite",
	  "write(0x0, 0x0, 0x0, 0x0, 0x0, 0x0), number 0x1: the filter says "
	  "errno EPERM, libseccomp allow" },
	{ "read", "read: EIO",
	  "number 0x0: the filter says allow, libseccomp errno EIO" },
	{ "socket: domain == AF_INET", "socket: domain == AF_UNIX",
	  "number 0x29: the filter says errno EPERM, libseccomp allow" },
	{ "kill: sig < 9", "kill: sig < 10",
	  "kill(0x0, 0x9, 0x0, 0x0, 0x0, 0x0), number 0x3e: the filter says "
	  "errno EPERM, libseccomp allow" },
	{ "kill: sig not in 9 15", "kill: sig not in 9", "kill(0x0, 0xf" },
	{ "mmap\nmmap: prot & 6 == 6 -> EACCES",
	  "mmap\nmmap: prot & 6 == 6 -> EPERM",
	  "the filter says errno EACCES, libseccomp errno EPERM" },
	{ "socket: domain == AF_INET and type == 1",
	  "socket: domain == AF_INET", "socket(0x2, 0x" },
	{ "default: kill", "default: ENOSYS", "libseccomp errno ENOSYS" },
};

static void it_finds_what_the_policy_does_not_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		__attribute__((cleanup(
			judge_tally_free))) struct judge_tally tally = { 0 };
		auto_policy struct policy compiled = { 0 };
		auto_policy struct policy said = { 0 };
		struct err err = { 0 };

		read_policy(&compiled, &arch_x86_64, wrong[i].compiled);
		read_policy(&said, &arch_x86_64, wrong[i].said);
		assert_int_equal(judge(&tally, &compiled, &said, true, &err),
				 -1);
		if (!strstr(err.text, wrong[i].why))
			fail_msg("%s: %s", wrong[i].said, err.text);
	}
}

/* A filter that looks at all 64 bits of an int is passed by setting one. */
static void it_finds_a_comparison_that_is_too_wide(void **state)
{
	__attribute__((
		cleanup(judge_tally_free))) struct judge_tally tally = { 0 };
	struct rule rule = { .nr = 41, .action = SECCOMP_RET_ALLOW };
	uint64_t value = 2;
	struct rule_test test = {
		.op = RULE_IN, .mask = UINT64_MAX, .count = 1, .values = &value
	};
	auto_policy struct policy policy;
	struct err err = { 0 };

	(void)state;
	policy_init(&policy, &arch_x86_64);
	assert_int_equal(rule_add_test(&rule, &test), RULE_ADDED);
	assert_true(policy_add_rule(&policy, &rule));
	policy_tidy(&policy);
	assert_int_equal(judge(&tally, &policy, &policy, true, &err), -1);
	assert_string_equal(err.text,
			    "socket(0x100000002, 0x0, 0x0, 0x0, 0x0, 0x0), "
			    "number 0x29: the filter says errno EPERM, "
			    "libseccomp allow");
}

/* What it cannot say is told, and the rest is judged. */
static void what_it_cannot_say_is_named(void **state)
{
	__attribute__((
		cleanup(judge_tally_free))) struct judge_tally tally = { 0 };
	auto_policy struct policy policy = { 0 };
	auto_buf struct buf text = { 0 };
	struct err err = { 0 };

	(void)state;
	buf_text(&text, "kill: pid in");
	for (int i = 0; i < 500; i++)
		buf_fmt(&text, " %d", 2 * i);
	buf_text(&text, " and sig in 1 3 5 7 9 11 13 15 17\nread\nmseal");
	read_policy(&policy, &arch_x86_64, text.at);
	if (judge(&tally, &policy, &policy, true, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(tally.beyond.at, "kill");
	assert_non_null(strstr(tally.unknown.at, "mseal"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_agrees_with_filters_of_every_kind),
		cmocka_unit_test(it_agrees_with_a_filter_that_has_the_gate),
		cmocka_unit_test(it_finds_what_the_policy_does_not_say),
		cmocka_unit_test(it_finds_a_comparison_that_is_too_wide),
		cmocka_unit_test(what_it_cannot_say_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
