#include "init/signals.h"

#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "kernel/call.h"

static const uint64_t every_signal = UINT64_MAX;

/* The kernel's own struct timespec where time is 64 bits wide. */
struct kernel_time {
	int64_t sec;
	int64_t nsec;
};

#ifdef SYS_rt_sigtimedwait_time64
enum { NR_WAIT = SYS_rt_sigtimedwait_time64 };
#else
enum { NR_WAIT = SYS_rt_sigtimedwait };
#endif

/*
 * The kernel's struct sigaction; where a machine has no sa_restorer its mask
 * comes earlier, and all that is set here is zero.
 */
struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static int act_on_chld(const struct kernel_action *action,
		       struct kernel_action *old)
{
	return (int)kernel_call(SYS_rt_sigaction, SIGCHLD, action, old,
				sizeof(action->mask));
}

int signals_take(struct signals *inherited)
{
	const struct kernel_action plain = { 0 };
	struct kernel_action old;

	if (kernel_call(SYS_rt_sigprocmask, SIG_SETMASK, &every_signal,
			&inherited->mask, sizeof(every_signal)) < 0)
		return -1;
	if (act_on_chld(&plain, &old) < 0)
		return -1;
	inherited->ignores_chld = old.handler == SIG_IGN;
	return 0;
}

int signals_give_back(const struct signals *inherited)
{
	const struct kernel_action ignore = { .handler = SIG_IGN };

	if (inherited->ignores_chld && act_on_chld(&ignore, NULL) < 0)
		return -1;
	return (int)kernel_call(SYS_rt_sigprocmask, SIG_SETMASK,
				&inherited->mask, NULL,
				sizeof(inherited->mask));
}

int signals_wait(siginfo_t *info, uint64_t ms)
{
	struct kernel_time time = {
		.sec = (int64_t)(ms / 1000),
		.nsec = (int64_t)(ms % 1000) * 1000000,
	};

	return (int)kernel_call(NR_WAIT, &every_signal, info,
				ms == UINT64_MAX ? NULL : &time,
				sizeof(every_signal));
}

int signals_descriptor(void)
{
	return (int)kernel_call(SYS_signalfd4, -1, &every_signal,
				sizeof(every_signal), SFD_CLOEXEC);
}

int signals_forward(pid_t pid, const siginfo_t *info)
{
	/*
	 * sigqueue(3) puts a negative code on what it sends, and only such
	 * signals may be sent on as they are; the rest carry no value.
	 */
	if (info->si_code == SI_QUEUE && pid > 0)
		return (int)kernel_call(SYS_rt_sigqueueinfo, pid,
					info->si_signo, info);
	return kill(pid, info->si_signo);
}
