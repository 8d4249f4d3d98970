#include "data/unit_key.h"

#include "base/buf.h"

#define ROW(name, page, fate, how, text) \
	{ name, UNIT_##page, UNIT_##fate, UNIT_##how, text },

static const struct unit_key keys[] = {
#include "data/unit_key.inc"
};

#undef ROW

enum { KEY_COUNT = sizeof(keys) / sizeof(keys[0]) };

const struct unit_key *unit_key_at(size_t i)
{
	return i < KEY_COUNT ? &keys[i] : NULL;
}

static bool matches(const char *pattern, struct slice name)
{
	size_t len = strlen(pattern);

	if (*pattern == '*')
		return name.len >= len - 1 &&
		       memcmp(name.at + name.len - (len - 1), pattern + 1,
			      len - 1) == 0;
	if (pattern[len - 1] == '*')
		return name.len >= len - 1 &&
		       memcmp(name.at, pattern, len - 1) == 0;
	return slice_eq(name, pattern);
}

/* These may stand in [Unit], where they belong, or where they once did. */
static bool is_of_both(struct slice name)
{
	return slice_has_prefix(name, "StartLimit") ||
	       slice_eq(name, "FailureAction") ||
	       slice_eq(name, "RebootArgument");
}

const struct unit_key *unit_key_find(enum unit_section section,
				     struct slice name)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		bool is_unit = keys[i].page == UNIT_UNIT_PAGE;

		if (is_unit == (section == UNIT_SERVICE) && !is_of_both(name))
			continue;
		if (matches(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static const char *const headings[UNIT_PAGES] = {
	[UNIT_HARDENING] =
		"Hardening: what `systemd-analyze security` lists, and more",
	[UNIT_EXEC] = "Else of systemd.exec(5)",
	[UNIT_SERVICE_PAGE] = "systemd.service(5)",
	[UNIT_KILL] = "systemd.kill(5)",
	[UNIT_RESOURCE] = "Else of systemd.resource-control(5)",
	[UNIT_UNIT_PAGE] = "systemd.unit(5): [Unit] and [Install]",
};

static void print_row(struct buf *out, const struct unit_key *key)
{
	static const char *const fates[] = {
		[UNIT_SAME] = "same",
		[UNIT_OURS] = "ours instead",
		[UNIT_NEVER] = "does not apply",
	};

	buf_fmt(out, "| `%s` | %s | ", key->name, fates[key->fate]);
	/* "|" would end the cell; no text has one. */
	buf_text(out, key->text);
	buf_text(out, " |\n");
}

void unit_key_print(struct buf *out)
{
	for (int page = 0; page < UNIT_PAGES; page++) {
		buf_fmt(out, "%s## %s\n\n", page ? "\n" : "", headings[page]);
		buf_text(out, "| key | pith | because, or what to use |\n"
			      "|---|---|---|\n");
		for (size_t i = 0; i < KEY_COUNT; i++)
			if (keys[i].page == page)
				print_row(out, &keys[i]);
	}
}
