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
	CALL_SIZE = 330, /* of a line: the arguments, at the most */
	LINE_SIZE = 620,
	STRING_MAX = 128,
};

/* What a line says, each by itself. Last what is long. */
struct said {
	char action[7];
	char call[32]; /* its name, or else its number */
	char number[12];
	char pid[12];
	char error[24];
	struct who who;
	char arguments[CALL_SIZE];
};

#define KEY(name, is_number, field)                           \
	{                                                     \
		name, is_number, offsetof(struct said, field) \
	}
static const struct log_key keys[] = {
	KEY("action", false, action), KEY("call", false, call),
	KEY("nr", true, number),      KEY("args", false, arguments),
	KEY("comm", false, who.name), KEY("pid", true, pid),
	KEY("errno", false, error),   { "", false, 0 },
};

/* One call on its way to being answered and told. */
struct denial {
	struct listener_call call;
	struct verdict verdict;
	struct slice table;   /* /etc/pith/calls, once it is needed */
	struct slice letters; /* of its arguments */
	int error;	      /* what the filter answers; 0: it kills */
	bool is_foreign;      /* by the numbers of another ABI */
	bool is_made;	      /* all the same */
	struct said said;
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
	fmt(denial->said.number, sizeof(denial->said.number), "%u", nr);
	struct slice name = slice_from(denial->said.number);
	bool has = !denial->is_foreign &&
		   calls_row(&name, &denial->letters, denial->table, nr);

	if (!has)
		denial->letters = SLICE("xxxxxx");
	fmt(denial->said.call, sizeof(denial->said.call), "%.*s",
	    SLICE_ARGS(name));
	return has;
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

static void add_arguments(char *out, const struct denial *denial)
{
	size_t count = denial->letters.len < 6 ? denial->letters.len : 6;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (i)
			n += fmt(out + n, CALL_SIZE - n, ", ");
		n += add_argument(out + n, CALL_SIZE - n, denial, (int)i);
	}
}

/* What would allow it, and how to ask where in the program it is. */
static void add_cure(char *out, size_t cap, const struct denial *denial,
		     const struct denials *denials)
{
	int nr = denial->call.nr;
	const char *name = denial->said.call;
	const char *cure = "SystemCallFilter=";

	if (denials->filter->flags & FILTER_GATE &&
	    (nr == SYS_execve || nr == SYS_execveat)) {
		cure = "AllowExec=yes";
		name = "";
	} else if (denial->verdict.by_arguments) {
		cure = "a rule for these arguments of ";
	}
	fmt(out, cap,
	    "; allow: %s%s; why: pith profile explain %s PROGRAM; number: %s",
	    cure, name, denial->said.call, denial->said.number);
}

__attribute__((noinline)) static void describe(char *line,
					       struct denial *denial,
					       const struct denials *denials)
{
	struct said *said = &denial->said;
	size_t n;

	memcpy(said->action, denial->is_made ? "audit\0" : "denied",
	       sizeof(said->action));
	add_arguments(said->arguments, denial);
	said->who = who_is(denial->call.pid);
	fmt(said->pid, sizeof(said->pid), "%u", denial->call.pid);
	memcpy(said->error, "kill", sizeof("kill"));
	if (denial->error)
		calls_value(said->error, sizeof(said->error), denial->table,
			    CALLS_ERRORS, (uint32_t)denial->error);
	n = fmt(line, LINE_SIZE, "%s%s ", said->action,
		denial->is_made ? ": would deny" : "");
	/* Not a line for pith profile learn: the number is another call's. */
	if (denial->is_foreign)
		n += fmt(line + n, LINE_SIZE - n,
			 "call of ABI 0x%x: ", denial->call.audit);
	n += fmt(line + n, LINE_SIZE - n, "%s(%s) by %s[%s] -> %s", said->call,
		 said->arguments, said->who.name, said->pid, said->error);
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
	if (is_told && log_text(LOG_WARNING, line, keys, &denial.said) &&
	    is_new)
		denials->known[nr / 8] |= (uint8_t)(1 << nr % 8);
}
