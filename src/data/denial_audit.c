#include "base/num.h"
#include "data/denial_part.h"

/* The upper half of a filter's verdict, SECCOMP_RET_*, in the record's code. */
static const struct {
	uint32_t action;
	const char *name;
} actions[] = {
	{ 0x80000000, "killed" },   { 0x00000000, "killed" },
	{ 0x00030000, "trapped" },  { 0x00050000, "refused" },
	{ 0x7fc00000, "notified" }, { 0x7ffc0000, "logged" },
};

/* Hexadecimal with or without 0x, as audit records have it. */
static bool read_hex(uint32_t *out, struct slice text)
{
	uint64_t value;

	denial_skip(&text, "0x");
	if (text.len > 8 || !num_hex(&value, text))
		return false;
	*out = (uint32_t)value;
	return true;
}

static void set_error(struct denial *out, uint32_t code)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (actions[i].action == (code & 0xffff0000))
			denial_set_word(out->error,
					slice_from(actions[i].name));
}

/* In quotes, or in hexadecimal where it holds a blank or a quote. */
static void set_program(struct denial *out, struct slice value)
{
	if (value.len >= 2 && value.at[0] == '"' &&
	    value.at[value.len - 1] == '"')
		value = (struct slice){ value.at + 1, value.len - 2 };
	denial_set_word(out->program, value);
}

enum { HAS_ARCH = 1, HAS_CALL = 2 };

static int read_field(struct denial *out, struct slice name, struct slice value)
{
	uint32_t code;

	if (slice_eq(name, "arch") && read_hex(&out->audit, value))
		return HAS_ARCH;
	if (slice_eq(name, "syscall") && num_u32(&out->nr, value))
		return HAS_CALL;
	if (slice_eq(name, "comm"))
		set_program(out, value);
	if (slice_eq(name, "code") && read_hex(&code, value))
		set_error(out, code);
	return 0;
}

static bool skip_head(struct slice *rest)
{
	struct slice node, behind = *rest;

	if (denial_skip(&behind, "node=") && slice_cut(&node, &behind, ' '))
		*rest = behind;
	denial_skip(rest, "audit: ");
	return denial_skip(rest, "type=SECCOMP ") ||
	       denial_skip(rest, "type=1326 ") || denial_skip(rest, "SECCOMP ");
}

bool denial_read_audit(struct denial *out, struct slice line)
{
	struct slice word, name, record = line;
	int has = 0;

	if (!skip_head(&line))
		return false;
	out->kind = DENIAL_CALL;
	out->count = 1;
	/* What auditd adds for people begins with this byte. */
	slice_cut(&record, &line, '\x1d');
	while (slice_word(&word, &record))
		if (slice_cut(&name, &word, '='))
			has |= read_field(out, name, word);
	return has == (HAS_ARCH | HAS_CALL);
}
