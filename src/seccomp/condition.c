#include "seccomp/condition.h"

#include "arch/arch.h"
#include "arch/argument.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "base/scope.h"
#include "seccomp/rule.h"
#include "seccomp/word.h"

/* Where reading stands: the next token is cut off, the rest is not. */
struct reader {
	const struct arch *arch;
	struct slice call;
	struct slice rest;
	struct slice token; /* empty at the end */
	struct argument argument;
};

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static bool is_sign(char c)
{
	return c && strchr("=!<>&|-", c);
}

static void next(struct reader *reader)
{
	struct slice rest = slice_trim(reader->rest);
	size_t len = 0;

	if (rest.len && is_word(rest.at[0]))
		while (len < rest.len && is_word(rest.at[len]))
			len++;
	else if (rest.len && is_sign(rest.at[0]))
		len = 1 + (rest.len > 1 && rest.at[1] == '=');
	else
		len = rest.len > 0;
	reader->token = (struct slice){ rest.at, len };
	reader->rest = (struct slice){ rest.at + len, rest.len - len };
}

static bool take(struct reader *reader, const char *text)
{
	if (!slice_eq(reader->token, text))
		return false;
	next(reader);
	return true;
}

/* What was found where something else should be. */
static int unexpected(const struct reader *reader, const char *wanted,
		      struct err *err)
{
	if (!reader->token.len)
		return err_set(err, 0, "the condition ends where %s is due",
			       wanted);
	return err_set(err, 0, "'%s' where %s is due",
		       word_shown(reader->token).text, wanted);
}

static bool parse_hex(uint64_t *out, struct slice text)
{
	uint64_t value = 0;

	if (text.len < 3 || text.len > 18 || text.at[0] != '0' ||
	    text.at[1] != 'x')
		return false;
	for (size_t i = 2; i < text.len; i++) {
		char c = text.at[i];
		const char *digits = "0123456789abcdef";
		const char *at = c ? strchr(digits, c | 0x20) : NULL;

		if (!at)
			return false;
		value = value << 4 | (uint64_t)(at - digits);
	}
	*out = value;
	return true;
}

static bool parse_number(uint64_t *out, struct slice text)
{
	uint32_t octal;

	if (parse_hex(out, text))
		return true;
	if (text.len > 1 && text.at[0] == '0') {
		if (!num_octal(&octal, text))
			return false;
		*out = octal;
		return true;
	}
	return num_u64(out, text);
}

static int unknown_constant(const struct reader *reader, struct err *err)
{
	enum constant_family family = reader->argument.family;
	const char *near = constant_nearest(family, reader->token);
	uint64_t value;

	if (family != FAMILY_NONE &&
	    constant_find(&value, reader->arch, FAMILY_NONE, reader->token))
		return err_set(err, 0, "'%s' is not a value of %.*s",
			       word_shown(reader->token).text,
			       SLICE_ARGS(reader->argument.name));
	if (near)
		return err_set(err, 0,
			       "'%s': unknown constant; did you mean %s?",
			       word_shown(reader->token).text, near);
	return err_set(err, 0, "'%s': unknown constant",
		       word_shown(reader->token).text);
}

/* A number or constant, cut to the bits that count. */
static int parse_term(uint64_t *out, struct reader *reader, struct err *err)
{
	uint64_t mask = argument_mask(&reader->argument);
	bool is_negative = take(reader, "-");
	uint64_t value;

	if (!reader->token.len || !is_word(reader->token.at[0]))
		return unexpected(reader, "a value", err);
	if (parse_number(&value, reader->token)) {
		if (value & ~mask)
			return err_set(err, 0, "%s: the argument has %d bits",
				       word_shown(reader->token).text,
				       reader->argument.bits);
		value = is_negative ? -value & mask : value;
	} else if (is_negative ||
		   !constant_find(&value, reader->arch, reader->argument.family,
				  reader->token)) {
		return unknown_constant(reader, err);
	}
	next(reader);
	*out = value & mask;
	return 0;
}

static int parse_value(uint64_t *out, struct reader *reader, struct err *err)
{
	uint64_t term = 0;

	*out = 0;
	do {
		if (parse_term(&term, reader, err) < 0)
			return -1;
		*out |= term;
	} while (take(reader, "|"));
	return 0;
}

static bool at_value(const struct reader *reader)
{
	return reader->token.len && !slice_eq(reader->token, "and") &&
	       (is_word(reader->token.at[0]) || slice_eq(reader->token, "-"));
}

/* What follows "in": one value or more. */
static int parse_set(struct rule_test *test, struct reader *reader,
		     struct err *err)
{
	do {
		uint64_t value;

		if (parse_value(&value, reader, err) < 0)
			return -1;
		if (test->count == RULE_VALUES_MAX)
			return err_set(err, 0, "more than %d values",
				       RULE_VALUES_MAX);
		test->values = mem_grow(test->values, test->count + 1,
					sizeof(*test->values));
		test->values[test->count++] = value;
	} while (at_value(reader));
	return 0;
}

static int parse_one(struct rule_test *test, struct reader *reader,
		     struct err *err)
{
	test->values = mem_new(1, sizeof(*test->values));
	test->count = 1;
	return parse_value(test->values, reader, err);
}

/* <= N is < N + 1 and > N is >= N + 1; beyond the last value there is none. */
static int shift_bound(struct rule_test *test, struct err *err)
{
	if (test->values[0] == test->mask)
		return err_set(err, 0, "no value is above that");
	test->values[0]++;
	return 0;
}

static int parse_order(struct rule_test *test, struct reader *reader,
		       uint64_t width, struct err *err)
{
	bool is_from = reader->token.at[0] == '>';
	bool has_equal = reader->token.len == 2;

	test->op = is_from ? RULE_FROM : RULE_BELOW;
	next(reader);
	if (test->mask != width)
		return err_set(err, 0, "a mask goes with == != in and not in");
	if (slice_eq(reader->token, "-"))
		return err_set(err, 0, "< and > take the values as unsigned");
	if (parse_one(test, reader, err) < 0)
		return -1;
	return is_from == has_equal ? 0 : shift_bound(test, err);
}

static int parse_operator(struct rule_test *test, struct reader *reader,
			  uint64_t width, struct err *err)
{
	test->op = RULE_IN;
	if (take(reader, "=="))
		return parse_one(test, reader, err);
	if (take(reader, "in"))
		return parse_set(test, reader, err);
	if (reader->token.len &&
	    (reader->token.at[0] == '<' || reader->token.at[0] == '>'))
		return parse_order(test, reader, width, err);
	test->op = RULE_NOT_IN;
	if (take(reader, "!="))
		return parse_one(test, reader, err);
	if (take(reader, "not") && take(reader, "in"))
		return parse_set(test, reader, err);
	return unexpected(reader, "== != < <= > >= in or not in", err);
}

static int parse_argument(struct rule_test *test, struct reader *reader,
			  struct err *err)
{
	int index = argument_find(reader->arch, reader->call, reader->token);

	if (!reader->token.len || !is_word(reader->token.at[0]))
		return unexpected(reader, "an argument", err);
	if (index < 0)
		return err_set(err, 0, "'%s' is no argument of %.*s",
			       word_shown(reader->token).text,
			       SLICE_ARGS(reader->call));
	reader->argument = argument_at(reader->arch, reader->call,
				       (unsigned int)index);
	test->arg = (uint8_t)index;
	test->mask = argument_mask(&reader->argument);
	next(reader);
	return 0;
}

static int parse_test(struct rule_test *test, struct reader *reader,
		      struct err *err)
{
	if (parse_argument(test, reader, err) < 0)
		return -1;
	uint64_t width = test->mask;

	if (take(reader, "&")) {
		if (parse_value(&test->mask, reader, err) < 0)
			return -1;
		if (!test->mask)
			return err_set(err, 0, "a mask of 0 says nothing");
	}
	if (parse_operator(test, reader, width, err) < 0)
		return -1;
	for (size_t i = 0; i < test->count; i++)
		if (test->values[i] & ~test->mask && test->op <= RULE_NOT_IN)
			return err_set(err, 0,
				       "a value has bits that the "
				       "mask does not have");
	return 0;
}

static int add_test(struct rule *rule, struct reader *reader, struct err *err)
{
	struct rule_test test = { 0 };
	int result = parse_test(&test, reader, err);

	if (result < 0) {
		free(test.values);
		return -1;
	}
	enum rule_added added = rule_add_test(rule, &test);

	free(test.values);
	switch (added) {
	case RULE_NEVER:
		return err_set(err, 0, "the condition never holds");
	case RULE_ALWAYS:
		return err_set(err, 0, "the condition always holds");
	case RULE_FULL:
		return err_set(err, 0, "more than %d tests", RULE_TESTS_MAX);
	case RULE_ADDED:
		break;
	}
	return 0;
}

int condition_parse(struct rule *rule, const struct arch *arch,
		    struct slice call, struct slice text, struct err *err)
{
	struct reader reader = { .arch = arch, .call = call, .rest = text };

	next(&reader);
	do {
		if (add_test(rule, &reader, err) < 0)
			return -1;
	} while (take(&reader, "and"));
	if (reader.token.len)
		return unexpected(&reader, "'and' or the end", err);
	return 0;
}
