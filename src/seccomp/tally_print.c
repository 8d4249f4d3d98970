#include <inttypes.h>
#include <linux/audit.h>
#include <stdio.h>
#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "seccomp/tally.h"

enum { X32_BIT = 0x40000000, LABEL_SIZE = 64 };

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of the calls that were made, sorted; returns how many. */
static size_t names_of(const char **names, const struct tally *tally)
{
	size_t count = 0;

	for (uint32_t nr = 0; nr < POLICY_NR_MAX; nr++)
		if (tally->calls[nr].count)
			names[count++] = arch_syscall_name(tally->arch, nr);
	qsort(names, count, sizeof(*names), by_name);
	return count;
}

static bool is_exec(const char *name)
{
	return strcmp(name, "execve") == 0 || strcmp(name, "execveat") == 0;
}

/* A policy that allows seccomp has no guard on prctl, the older door to it. */
static bool is_guarded(const struct tally *tally, const char *name)
{
	return !(strcmp(name, "prctl") == 0 && tally_count(tally, "seccomp"));
}

/* What there is to know before a filter is made of this. */
static void print_remark(struct buf *out, const char *name,
			 const struct tally *tally,
			 const struct tally_call *call)
{
	const struct policy *before = tally->before;

	if (before && !policy_allows(before, call->nr))
		buf_text(out, "  new");
	else if (call->unfit)
		buf_fmt(out, "  %" PRIu64 " not as the policy's conditions say",
			call->unfit);
	if (is_exec(name))
		buf_text(out, "  needs AllowExec=yes");
	else if (strcmp(name, "clone3") == 0)
		buf_text(out, "  gets ENOSYS; clone instead");
	else if (call->refused && is_guarded(tally, name))
		buf_fmt(out, "  %" PRIu64 " refused by every filter",
			call->refused);
}

/* fmt knows no widths: this many blanks, one at least. */
static void pad(struct buf *out, size_t used, size_t width)
{
	do
		buf_text(out, " ");
	while (++used < width);
}

static void print_row(struct buf *out, const char *label,
		      const struct tally_call *call)
{
	char count[LABEL_SIZE];
	size_t label_len = strlen(label);

	snprintf(count, sizeof(count), "%" PRIu64, call->count);
	buf_fmt(out, "# %s", label);
	pad(out, label_len + strlen(count), 32);
	buf_fmt(out, "%s  %s", count, call->first ? call->first : "?");
}

/* Ours, or 64-bit calls in the table's numbers by 32-bit programs (x32). */
static bool is_own(const struct tally *tally, const struct tally_call *call)
{
	return call->audit == tally->arch->audit && !(call->nr & X32_BIT);
}

static const char *prefix_of(const struct tally *tally, uint32_t audit)
{
	const struct arch *arch = arch_by_audit(audit);

	if (arch == tally->arch)
		return "x32";
	if (audit == AUDIT_ARCH_I386)
		return "i386";
	return arch ? arch->name : "foreign";
}

static void print_other(struct buf *out, const struct tally *tally,
			const struct tally_call *call)
{
	const char *name = arch_syscall_name(tally->arch, call->nr);
	char label[LABEL_SIZE];

	if (!is_own(tally, call))
		snprintf(label, sizeof(label), "%s:%" PRIu32,
			 prefix_of(tally, call->audit),
			 call->nr & ~(uint32_t)X32_BIT);
	else if (name)
		snprintf(label, sizeof(label), "%s", name);
	else
		snprintf(label, sizeof(label), "%" PRIu32, call->nr);
	print_row(out, label, call);
	if (!is_own(tally, call))
		buf_text(out, "  another ABI's; kills the process\n");
	else
		buf_text(out, name ? "\n" : "  unknown; gets ENOSYS\n");
}

void tally_print(struct buf *out, const struct tally *tally)
{
	const char *names[POLICY_NR_MAX] = { 0 };
	size_t count = names_of(names, tally);

	buf_fmt(out,
		"# calls: %" PRIu64 ", kinds: %zu, tasks: %" PRIu64
		", programs: %" PRIu64 ", on %s\n"
		"#\n# call                      count  first caller\n",
		tally->total, count + tally->other_count, tally->tasks,
		tally->programs, tally->arch->name);
	for (size_t i = 0; i < count; i++) {
		int nr = arch_syscall_nr(tally->arch, slice_from(names[i]));
		const struct tally_call *call = &tally->calls[nr];

		print_row(out, names[i], call);
		print_remark(out, names[i], tally, call);
		buf_text(out, "\n");
	}
	for (size_t i = 0; i < tally->other_count; i++)
		print_other(out, tally, &tally->others[i]);
}
