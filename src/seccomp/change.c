#include "seccomp/change.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "seccomp/tally.h"
#include "seccomp/tasks.h"

/* Where clone's flags are: the first argument, on each of pith's machines. */
#if defined(__x86_64__)
typedef struct user_regs_struct registers;
#define FLAGS(regs) ((regs).rdi)
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
#define FLAGS(regs) ((regs).regs[0])
#elif defined(__arm__)
typedef struct user_regs registers;
#define FLAGS(regs) ((regs).uregs[0])
#elif defined(__riscv)
/*
 * The kernel takes the argument from orig_a0, which ptrace cannot reach: the
 * change has no effect there, and nor has putting it back.
 */
#include <asm/ptrace.h>
typedef struct user_regs_struct registers;
#define FLAGS(regs) ((regs).a0)
#endif

static bool set_register(pid_t tid, uint64_t flags)
{
	registers regs;
	struct iovec place = { &regs, sizeof(regs) };

	if (ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &place) < 0)
		return false;
	FLAGS(regs) = flags;
	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &place) == 0;
}

/* A word at an address; clone3's flags begin with the low half. */
static bool set_memory(pid_t tid, uint64_t address, uint64_t flags)
{
	return ptrace(PTRACE_POKEDATA, tid, address, flags) == 0;
}

static bool get_memory(uint64_t *out, pid_t tid, uint64_t address)
{
	errno = 0;
	*out = (uint64_t)ptrace(PTRACE_PEEKDATA, tid, address, 0);
	return errno == 0;
}

bool change_clone(struct task *task, const struct tally_event *event,
		  bool is_clone3)
{
	uint64_t at = is_clone3 ? event->args[0] : 0;
	uint64_t flags = event->args[0];

	if (is_clone3 && !get_memory(&flags, task->tid, at))
		return false;
	if (!(flags & CLONE_UNTRACED))
		return false;
	uint64_t less = flags & ~(uint64_t)CLONE_UNTRACED;

	task->changed_at = at;
	task->changed_from = flags;
	task->has_changed = at ? set_memory(task->tid, at, less)
			       : set_register(task->tid, less);
	return task->has_changed;
}

bool change_is_copied(const struct task *task)
{
	return task->has_changed &&
	       !(task->changed_at && (task->changed_from & CLONE_VM));
}

void change_undo(struct task *task)
{
	if (!task->has_changed)
		return;
	task->has_changed = false;
	if (task->changed_at)
		set_memory(task->tid, task->changed_at, task->changed_from);
	else
		set_register(task->tid, task->changed_from);
}
