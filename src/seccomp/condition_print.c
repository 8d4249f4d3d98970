/* The half of condition that writes. */
#include "seccomp/condition.h"

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"
#include "seccomp/rule.h"

/* Bits that all have names, joined by "|"; false prints nothing. */
static bool print_bits(struct buf *out, const struct arch *arch,
		       enum constant_family family, uint64_t value)
{
	auto_buf struct buf text = { 0 };

	for (int bit = 0; bit < 64; bit++) {
		uint64_t one = (uint64_t)1 << bit;

		if (!(value & one))
			continue;
		const char *name = constant_name(arch, family, one);

		if (!name)
			return false;
		buf_fmt(&text, "%s%s", text.len ? "|" : "", name);
	}
	buf_add(out, text.at, text.len);
	return true;
}

static void print_number(struct buf *out, enum constant_family family,
			 uint64_t value, bool is_masked)
{
	if (value < 8)
		buf_fmt(out, "%llu", (unsigned long long)value);
	else if (family == FAMILY_S)
		buf_fmt(out, "0%o", (unsigned int)value);
	else if (is_masked || constant_is_flags(family) || value > 99999)
		buf_fmt(out, "0x%llx", (unsigned long long)value);
	else
		buf_fmt(out, "%llu", (unsigned long long)value);
}

static void print_value(struct buf *out, const struct arch *arch,
			enum constant_family family, uint64_t value,
			bool is_masked)
{
	const char *name = value || !is_masked
				   ? constant_name(arch, family, value)
				   : NULL;

	if (name)
		buf_text(out, name);
	else if (!value || !constant_is_flags(family) ||
		 !print_bits(out, arch, family, value))
		print_number(out, family, value, is_masked);
}

static void print_test(struct buf *out, const struct arch *arch,
		       struct slice call, const struct rule_test *test)
{
	static const char *const ops[][2] = {
		[RULE_IN] = { " ==", " in" },
		[RULE_NOT_IN] = { " !=", " not in" },
		[RULE_BELOW] = { " <", "" },
		[RULE_FROM] = { " >=", "" },
	};
	struct argument argument = argument_at(arch, call, test->arg);
	bool is_masked = test->mask != argument_mask(&argument);

	if (argument.name.len)
		buf_add(out, argument.name.at, argument.name.len);
	else
		buf_fmt(out, "arg%d", test->arg);
	if (is_masked) {
		buf_text(out, " & ");
		print_value(out, arch, argument.family, test->mask, true);
	}
	buf_text(out, ops[test->op][test->count > 1]);
	for (size_t i = 0; i < test->count; i++) {
		buf_text(out, " ");
		print_value(out, arch, argument.family, test->values[i],
			    is_masked);
	}
}

void condition_print(struct buf *out, const struct arch *arch,
		     const struct rule *rule)
{
	struct slice call = slice_from(arch_syscall_name(arch, rule->nr));

	for (size_t i = 0; i < rule->test_count; i++) {
		buf_text(out, i ? " and " : "");
		print_test(out, arch, call, &rule->tests[i]);
	}
}
