/*
 * Rules about what an image says of its filter: labels of what the code calls
 * and of what traces saw, held against what the filter lets through. pith build
 * says the same in the same words (tool/seen.c).
 */
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/passed.h"
#include "image/lint_work.h"
#include "image/manifest.h"
#include "image/reader.h"

enum {
	WORDS_MAX = 1024, /* more than any machine has calls */
	SHOWN_MAX = 12,
};

static bool has_word(struct slice words, struct slice wanted)
{
	struct slice word;

	while (slice_word(&word, &words))
		if (word.len == wanted.len &&
		    memcmp(word.at, wanted.at, word.len) == 0)
			return true;
	return false;
}

/* A label's words; false where there is none, or what is no list of calls. */
static bool read_label(struct slice *out, const struct lint *lint,
		       const char *key)
{
	const char *text = reader_text(json_object_get(lint->config, "Labels"),
				       key);
	struct slice word, rest = slice_from(text ? text : "");
	size_t count = 0;

	*out = rest;
	while (count <= WORDS_MAX && slice_word(&word, &rest))
		count++;
	return text && count <= WORDS_MAX;
}

static bool is_passed(const struct passed *passed, const struct arch *arch,
		      struct slice name)
{
	int nr = arch_syscall_nr(arch, name);

	for (size_t i = 0; i < passed->count; i++)
		if (nr >= 0 && passed->nr[i] == (uint32_t)nr)
			return true;
	return false;
}

/* Names as one finding. */
struct names {
	struct buf text;
	size_t count;
};

static void add_name(struct names *names, struct slice name)
{
	if (names->count++ < SHOWN_MAX)
		buf_fmt(&names->text, "%s%.*s", names->text.len ? " " : "",
			SLICE_ARGS(name));
}

static void tell_names(struct lint *lint, enum lint_id id, struct names *names)
{
	if (names->count > SHOWN_MAX)
		buf_fmt(&names->text, " and %zu more",
			names->count - SHOWN_MAX);
	if (names->count)
		lint_find(lint, id, "", "%s", names->text.at);
	buf_free(&names->text);
}

/* A list by hand was not derived: there a trace only tells what it refuses. */
static void compare(struct lint *lint, const struct passed *passed,
		    const struct arch *arch, struct slice traced)
{
	struct names unknown = { { 0 }, 0 }, refused = { { 0 }, 0 };
	struct slice word, derived;
	bool is_derived = read_label(&derived, lint, MANIFEST_DERIVED);

	while (slice_word(&word, &traced))
		if (!is_passed(passed, arch, word))
			add_name(is_derived && !has_word(derived, word)
					 ? &unknown
					 : &refused,
				 word);
	tell_names(lint, LINT_TRACED_UNKNOWN, &unknown);
	tell_names(lint, LINT_TRACED_REFUSED, &refused);
}

void lint_evidence(struct lint *lint)
{
	const struct arch *arch = arch_by_audit(lint->filter.audit);
	struct passed passed;
	struct slice traced;
	struct err err;

	if (!lint->has_filter || !arch ||
	    !read_label(&traced, lint, MANIFEST_TRACED))
		return;
	if (passed_of(&passed, &lint->filter, arch, &err) < 0)
		lint_find_path(lint, LINT_PITH_BROKEN, "etc/pith/service.bpf",
			       "%s", err.text);
	else
		compare(lint, &passed, arch, traced);
}
