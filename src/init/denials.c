#include "init/denials.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/native.h"
#include "base/fmt.h"
#include "base/io.h"
#include "data/calls.h"
#include "data/filter.h"
#include "data/verdict.h"
#include "init/log.h"
#include "init/who.h"
#include "kernel/clock.h"
#include "kernel/file.h"
#include "kernel/listener.h"
#include "kernel/memory.h"

enum {
	TOLD_MAX = 10, /* lines a window: who floods the log is cut short */
	WINDOW_MS = 1000,
	CALL_SIZE = 360, /* of a line: what was called, at the most */
	LINE_SIZE = 600,
	STRING_MAX = 128,
};

/* One call on its way to being answered and told. */
struct denial {
	struct listener_call call;
	struct verdict verdict;
	struct slice table;   /* /etc/pith/calls, once it is needed */
	struct slice name;    /* of the call, or its number */
	struct slice letters; /* of its arguments */
	char number[16];
	int error;	 /* what the filter answers; 0: it kills */
	bool is_foreign; /* by the numbers of another ABI */
	bool is_made;	 /* all the same */
};

/*
 * Name the call; false where no call has that number. The table is read anew
 * each time: a denial is rare, and memory is kept for ever.
 */
static bool look_up(struct denial *denial)
{
	uint32_t nr = (uint32_t)denial->call.nr;
	char *text = memory_map(CALLS_SIZE_MAX, false);
	int fd = file_open_now("/etc/pith/calls");
	ssize_t len = 0;

	if (text && fd >= 0)
		len = io_read(fd, text, CALLS_SIZE_MAX);
	if (fd >= 0)
		close(fd);
	denial->table = (struct slice){ text, len > 0 ? (size_t)len : 0 };
	if (!denial->is_foreign &&
	    calls_row(&denial->name, &denial->letters, denial->table, nr))
		return true;
	fmt(denial->number, sizeof(denial->number), "%u", nr);
	denial->name = slice_from(denial->number);
	denial->letters = SLICE("xxxxxx");
	return false;
}

/*
 * What the filter says, which the kernel does not pass on. Numbers of another
 * ABI mean other calls, which no policy could ever allow: in an audit, where
 * they come here, they are refused as by a kernel that lacks that ABI.
 */
__attribute__((noinline)) static void judge(struct denial *denial,
					    const struct denials *denials)
{
	const struct listener_call *call = &denial->call;

	denial->verdict = verdict_run(denials->filter, call->words);
	denial->is_foreign = call->audit != arch_native_audit ||
			     (uint32_t)call->nr >> 30;
	denial->is_made = denials->is_audit && !denial->is_foreign;
	uint32_t action = denial->verdict.action;

	if (denial->is_foreign)
		denial->error = ENOSYS;
	else if ((action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		denial->error = action & SECCOMP_RET_DATA;
	/* Only an audit asks about anything else; never let it pass here. */
	if (!denial->error && !denial->is_made)
		denial->error = EPERM;
}

/* An argument as its letter says (data/calls.h). */
static size_t add_argument(char *out, size_t cap, const struct denial *denial,
			   int i)
{
	char text[STRING_MAX + 1] = "";
	char letter = denial->letters.at[i];
	uint64_t value = denial->call.args[i];

	if (letter == 'd')
		return fmt(out, cap, "%d", (int)value);
	if (letter == 'o')
		return fmt(out, cap, "0%o", (unsigned int)value);
	if (letter > CALLS_FAMILIES && letter < '_')
		return calls_value(out, cap, denial->table, letter,
				   (uint32_t)value);
	if (letter == 's' &&
	    listener_peek(text, STRING_MAX, (pid_t)denial->call.pid, value) > 0)
		return fmt(out, cap, "\"%s\"", text);
	return fmt(out, cap, "0x%llx", (unsigned long long)value);
}

/* NAME(ARGUMENT, ... */
static size_t add_call(char *out, const struct denial *denial)
{
	size_t count = denial->letters.len < 6 ? denial->letters.len : 6;
	size_t n = fmt(out, CALL_SIZE, "%.*s(", SLICE_ARGS(denial->name));

	for (size_t i = 0; i < count; i++) {
		if (i)
			n += fmt(out + n, CALL_SIZE - n, ", ");
		n += add_argument(out + n, CALL_SIZE - n, denial, (int)i);
	}
	return n;
}

/* What would allow it, and how to ask where in the program it is. */
static void add_cure(char *out, size_t cap, const struct denial *denial,
		     const struct denials *denials)
{
	int nr = denial->call.nr;
	struct slice name = denial->name;
	const char *cure = "SystemCallFilter=";

	if (denials->filter->flags & FILTER_GATE &&
	    (nr == SYS_execve || nr == SYS_execveat)) {
		cure = "AllowExec=yes";
		name.len = 0;
	} else if (denial->verdict.by_arguments) {
		cure = "a rule for these arguments of ";
	}
	fmt(out, cap,
	    "; allow: %s%.*s; why: pith profile explain %.*s PROGRAM; "
	    "number: %d",
	    cure, SLICE_ARGS(name), SLICE_ARGS(denial->name), nr);
}

__attribute__((noinline)) static void describe(char *line,
					       const struct denial *denial,
					       const struct denials *denials)
{
	uint32_t pid = denial->call.pid;
	struct who who = who_is(pid);
	size_t n = 0;

	/* Not a line for pith profile learn: the number is another call's. */
	if (denial->is_foreign)
		n = fmt(line, LINE_SIZE,
			"call of ABI 0x%x: ", denial->call.audit);
	n += add_call(line + n, denial);
	n += fmt(line + n, LINE_SIZE - n, ") by %s[%u] -> ", who.name, pid);
	if (denial->error)
		n += calls_value(line + n, LINE_SIZE - n, denial->table,
				 CALLS_ERRORS, (uint32_t)denial->error);
	else
		n += fmt(line + n, LINE_SIZE - n, "kill");
	if (!denial->is_foreign)
		add_cure(line + n, LINE_SIZE - n, denial, denials);
}

void denials_end(struct denials *denials)
{
	if (denials->hidden)
		log_line(LOG_WARNING, "%u more denials suppressed",
			 denials->hidden);
	denials->hidden = 0;
}

void denials_remind(const struct denials *denials)
{
	if (denials->is_audit)
		log_line(LOG_WARNING, "SystemCallLog=audit: THE FILTER IS NOT "
				      "ENFORCED; calls outside it are made, "
				      "and told here");
}

/*
 * The kernel keeps no trace of the call but in its own log. Somebody can have
 * sent that signal, too, or another thread have made the call: then the mark
 * is not there (who.c).
 */
void denials_killed(const struct denials *denials, pid_t pid,
		    const struct who *who)
{
	bool is_ours = denials->filter->insn_count && !denials->is_audit;

	log_line(LOG_WARNING, "%s[%d] %s%s", who->name, pid,
		 who->is_killed ? "killed by a filter"
				: "ended by SIGSYS, as filters kill",
		 is_ours ? ": pith's does so for a second program, a call of "
			   "another ABI or one that the policy kills; "
			   "SystemCallLog=audit tells which"
			 : "");
}

void denials_begin(struct denials *denials)
{
	memset(denials->known, 0, sizeof(denials->known));
	denials_remind(denials);
}

/* Whether there is room for another line of what was told before. */
static bool has_room(struct denials *denials)
{
	uint64_t now = clock_ms();

	if (now - denials->window >=
	    (denials->is_audit ? DENIALS_REMIND_MS : WINDOW_MS)) {
		denials->window = now;
		denials->told = 0;
		denials_end(denials);
	}
	if (denials->told++ < TOLD_MAX)
		return true;
	denials->hidden++;
	return false;
}

static bool is_known(const struct denials *denials, uint32_t nr)
{
	return nr >= DENIALS_KNOWN || denials->known[nr / 8] >> nr % 8 & 1;
}

/*
 * Where ENOSYS is the answer to what the policy does not name, it still is
 * what a libc falls back at: in an audit, too, or the log would lack what the
 * program does instead.
 */
static bool is_fallback(struct denial *denial, bool is_new)
{
	uint32_t nr = (uint32_t)denial->call.nr;

	return denial->error == ENOSYS && !denial->is_foreign &&
	       (nr == SYS_clone3 || nr >= DENIALS_KNOWN ||
		(is_new && !look_up(denial)));
}

/* Whether it gets a line: each call once, whatever else floods the log. */
static bool may_tell(struct denials *denials, struct denial *denial,
		     bool is_new)
{
	if (is_fallback(denial, is_new)) {
		denial->is_made = false;
		return false;
	}
	if (!is_new && !has_room(denials))
		return false;
	if (!denial->table.at)
		look_up(denial);
	return true;
}

/*
 * Never part of its caller, here and above: what they hold on the stack would
 * make every other access to its caller's longer, 300 bytes in all.
 */
__attribute__((noinline)) void denials_take(struct denials *denials,
					    int listener)
{
	struct denial denial = { 0 };
	char line[LINE_SIZE];

	if (listener_receive(listener, &denial.call) < 0)
		return;
	judge(&denial, denials);
	uint32_t nr = (uint32_t)denial.call.nr;
	bool is_new = !is_known(denials, nr) && !denial.is_foreign;
	bool is_told = may_tell(denials, &denial, is_new);

	if (is_told) {
		describe(line, &denial, denials);
		is_told = listener_is_valid(listener, &denial.call);
	}
	listener_answer(listener, &denial.call,
			denial.is_made ? 0 : denial.error);
	if (denial.table.at)
		memory_unmap(denial.table.at, CALLS_SIZE_MAX);
	/* A line that is lost was no line. */
	if (is_told &&
	    log_line(LOG_WARNING, "%s %s",
		     denial.is_made ? "audit: would deny" : "denied", line) &&
	    is_new)
		denials->known[nr / 8] |= (uint8_t)(1 << nr % 8);
}
