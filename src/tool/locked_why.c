/* Why a set has grown; locked.c has the set. */
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "seccomp/machine.h"
#include "tool/automatic.h"
#include "tool/chain.h"
#include "tool/derivation.h"
#include "tool/locked.h"
#include "tool/locked_parts.h"

enum { SHOWN_MAX = 8 };

/* What the calls of one program are explained with. */
struct why {
	const struct locked *locked;
	const struct lock_part *now;
	const struct derivation *derivation;
	const char *program; /* its path in the image */
};

static bool print_change_at(struct buf *out, const struct why *why,
			    uint64_t address)
{
	const struct derive *derive = &why->derivation->derive;
	const struct module *module = program_module(&derive->program, address);
	const struct lock_file *now;

	if (!module)
		return false;
	size_t i = (size_t)(module - derive->program.modules.at);
	const char *path = i ? why->derivation->libraries.files.at[i].path
			     : why->program;

	now = lock_find(why->now, slice_from(path));
	return now && locked_print_change(out, why->locked, now);
}

/* The file that changed and is nearest to the call on the way to it. */
static void print_cause(struct buf *out, const struct why *why,
			const struct derive_call *call)
{
	struct derive_link links[DERIVE_LINKS];
	const struct derive *derive = &why->derivation->derive;
	size_t count = derive_chain(links, derive, call->named);

	if (print_change_at(out, why, call->site) ||
	    print_change_at(out, why, call->named))
		return;
	for (size_t i = count; i-- > 0;)
		if (print_change_at(out, why, links[i].to) ||
		    print_change_at(out, why, links[i].from))
			return;
	buf_text(out, "no file on the way to it has changed");
}

static void print_call(struct buf *out, const struct why *why,
		       const struct derive_call *call)
{
	auto_buf struct buf chain = { 0 };
	struct slice line, rest;

	buf_fmt(out, "+%s by ",
		arch_syscall_name(why->derivation->derive.program.machine->arch,
				  call->nr));
	derivation_print_place(out, why->derivation, call->named);
	buf_text(out, "; ");
	print_cause(out, why, call);
	buf_text(out, "\n");
	chain_print(&chain, why->derivation, call);
	rest = buf_slice(&chain);
	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(out, "    %.*s\n", SLICE_ARGS(line));
}

/* Calls of the program that are new and not explained yet. */
static void print_calls(struct buf *out, const struct why *why,
			const struct automatic *automatic, bool *done,
			size_t *shown)
{
	for (uint32_t nr = 0; nr < DERIVE_NR_MAX; nr++) {
		const struct derive_call *call;

		if (done[nr] || *shown >= SHOWN_MAX ||
		    !locked_lacks(why->locked, automatic, nr))
			continue;
		call = derive_find(&why->derivation->derive, nr);
		if (!call)
			continue;
		print_call(out, why, call);
		done[nr] = true;
		++*shown;
	}
}

int locked_print_why(struct buf *out, const struct locked *locked,
		     const struct automatic *automatic, struct err *err)
{
	bool done[DERIVE_NR_MAX] = { false };
	struct lock_part now;
	size_t shown = 0;
	int result = 0;

	locked_part(&now, automatic);
	for (size_t i = 0;
	     result == 0 && i < json_array_size(automatic->programs); i++) {
		const json_t *program = json_array_get(automatic->programs, i);
		const char *path = json_string_value(
			json_object_get(program, "at"));
		struct derivation derivation;
		struct why why = { locked, &now, &derivation, path };

		result = automatic_open(&derivation, automatic, path, err);
		if (result < 0)
			break;
		print_calls(out, &why, automatic, done, &shown);
		derivation_close(&derivation);
	}
	size_t count = locked_count_new(locked, automatic);

	if (result == 0 && count > shown)
		buf_fmt(out, "and %zu calls more\n", count - shown);
	lock_part_free(&now);
	return result;
}
