#include "base/num.h"

static bool parse(uint64_t *out, struct slice text, unsigned int base)
{
	uint64_t value = 0;

	if (!text.len)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		unsigned int digit = (unsigned char)text.at[i] - '0';

		if (digit >= base ||
		    __builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return false;
	}
	*out = value;
	return true;
}

bool num_u64(uint64_t *out, struct slice text)
{
	return parse(out, text, 10);
}

static bool narrow(uint32_t *out, struct slice text, unsigned int base)
{
	uint64_t value;

	if (!parse(&value, text, base) || value > UINT32_MAX)
		return false;
	*out = (uint32_t)value;
	return true;
}

bool num_u32(uint32_t *out, struct slice text)
{
	return narrow(out, text, 10);
}

bool num_hex(uint64_t *out, struct slice text)
{
	uint64_t value = 0;

	if (!text.len || text.len > 16)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*out = value;
	return true;
}

bool num_octal(uint32_t *out, struct slice text)
{
	return narrow(out, text, 8);
}

bool num_size(uint64_t *out, struct slice text)
{
	static const char units[] = "KMGT";
	uint64_t factor = 1;
	uint64_t value;

	if (text.len) {
		const char *unit = strchr(units, text.at[text.len - 1]);

		if (unit && *unit) {
			factor <<= 10 * (unit - units + 1);
			text.len--;
		}
	}
	if (!parse(&value, text, 10) ||
	    __builtin_mul_overflow(value, factor, &value))
		return false;
	*out = value;
	return true;
}

static bool unit_ms(uint64_t *ms, struct slice name)
{
	static const uint32_t units[] = { 1000,	   1,	    1000,
					  1000,	   60000,   60000,
					  3600000, 3600000, 86400000 };
	int i = slice_choice(name, "|ms|s|sec|min|m|h|hr|d");

	if (i < 0)
		return false;
	*ms = units[i];
	return true;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One term: digits, then a unit, with or without blanks between them. */
static bool term_ms(uint64_t *ms, struct slice *rest)
{
	struct slice digits = { rest->at, 0 };
	uint64_t value, factor;

	while (digits.len < rest->len && is_digit(rest->at[digits.len]))
		digits.len++;
	struct slice after = slice_trim((struct slice){
		rest->at + digits.len, rest->len - digits.len });
	struct slice unit = { after.at, 0 };

	while (unit.len < after.len && !is_digit(after.at[unit.len]))
		unit.len++;
	*rest = (struct slice){ after.at + unit.len, after.len - unit.len };
	return parse(&value, digits, 10) &&
	       unit_ms(&factor, slice_trim(unit)) &&
	       !__builtin_mul_overflow(value, factor, ms);
}

bool num_span_ms(uint64_t *out, struct slice text)
{
	uint64_t total = 0;

	if (slice_eq(text, "infinity")) {
		*out = UINT64_MAX;
		return true;
	}
	if (!text.len)
		return false;
	while (text.len) {
		uint64_t ms;

		if (!term_ms(&ms, &text) ||
		    __builtin_add_overflow(total, ms, &total))
			return false;
	}
	*out = total;
	return true;
}

bool num_bool(bool *out, struct slice text)
{
	int i = slice_choice(text, "no|yes|false|true|off|on|0|1");

	if (i < 0)
		return false;
	*out = i & 1;
	return true;
}
