#include "init/explain.h"

#include <linux/seccomp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fmt.h"
#include "base/io.h"
#include "data/rights.h"
#include "data/service_key.h"
#include "init/confine.h"
#include "init/plan.h"
#include "init/steps.h"
#include "kernel/call.h"
#include "kernel/landlock.h"
#include "kernel/process.h"
#include "kernel/seccomp.h"

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	char line[640];
	va_list args;

	va_start(args, format);
	size_t len = fmt_v(line, sizeof(line), format, args);
	va_end(args);
	/* Nobody to tell: the exit code says the rest. */
	if (io_write(STDOUT_FILENO, line, len) < 0)
		return;
}

static void say_stop(const struct plan *plan)
{
	const struct service *service = &plan->service;
	const uint8_t final = service->final_kill_signal;

	if (!plan->behaviour.stops)
		return;
	say("at SIGTERM: wait %llu ms, signal %d, wait %lld ms, signal %d\n",
	    (unsigned long long)service->forward_delay_ms,
	    service->kill_signal ? service->kill_signal : SIGTERM,
	    (long long)service->timeout_stop_ms, final ? final : SIGKILL);
}

void explain_plan(const struct plan *plan)
{
	const char *step;

	for (size_t i = 0; (step = steps_what(plan, i)); i++)
		if (*step)
			say("%s\n", step);
	say("%s", plan->main.path);
	for (char **word = plan->main.argv + 1; *word; word++)
		say(" %s", *word);
	say("\n");
	if (plan->changes_ids)
		say("user %u, group %u\n", plan->service.user.id,
		    plan->service.group.id);
	if (plan->has_filter)
		say("filter: %u instructions\n", plan->filter.insn_count);
	say_stop(plan);
}

static bool tell(const char *what, bool has, bool needs)
{
	static const char words[][4] = { "no", "yes" };

	say("%s: have %s, need %s\n", what, words[has], words[needs]);
	return has || !needs;
}

/* A key that BestEffort= names needs nothing. */
static bool tell_landlock(const struct plan *plan)
{
	int abi = landlock_abi();
	int needed = 0;

	if (abi < 0)
		abi = 0;
	for (int i = 0; i < RIGHTS_KEYS; i++) {
		int least = rights_abi(rights_wanted(&plan->service, i));

		if (least > needed &&
		    !service_is_best_effort(&plan->service, rights_key(i)))
			needed = least;
	}
	say("Landlock ABI: have %d, need %d\n", abi, needed);
	return abi >= needed;
}

static bool tell_privileges(const struct plan *plan)
{
	const struct service *service = &plan->service;
	const uint64_t mine = plan->caps.effective;
	const struct {
		uint64_t caps;
		uint8_t key;
		bool is_asked;
	} keys[] = {
		{ confine_ambient(plan), SERVICE_KEY_AmbientCapabilities,
		  true },
		{ 1 << CAPS_SETPCAP, SERVICE_KEY_CapabilityBoundingSet,
		  service->no_new_privs == SERVICE_NO },
		{ 1 << CAPS_SETPCAP, SERVICE_KEY_SecureBits,
		  service->secure_bits.is_set },
		{ 1 << CAPS_SYS_NICE, SERVICE_KEY_Nice,
		  service->nice.value < 0 },
		{ 1 << CAPS_SYS_RESOURCE, SERVICE_KEY_OOMScoreAdjust,
		  service->oom_score_adjust.value < 0 },
	};
	bool is_good = true;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		is_good &= tell(
			service_key(keys[i].key), !(keys[i].caps & ~mine),
			keys[i].is_asked &&
				!service_is_best_effort(service, keys[i].key));
	return is_good;
}

int explain_kernel(const struct plan *plan)
{
	bool is_root = plan->uid == 0;
	bool is_good = tell("PID 1", plan->is_pid1, false);

	is_good &= tell("no_new_privs",
			process_set(PR_GET_NO_NEW_PRIVS, 0) >= 0,
			plan->is_hardened);
	is_good &= tell("seccomp filters",
			seccomp_has(SECCOMP_RET_KILL_PROCESS),
			plan->has_filter);
	is_good &= tell("seccomp notification",
			seccomp_has(SECCOMP_RET_USER_NOTIF), false);
	is_good &= tell("change of user",
			is_root && caps_has(&plan->caps, CAPS_SETUID) &&
				caps_has(&plan->caps, CAPS_SETGID),
			plan->changes_ids);
	is_good &= tell("close_range",
			kernel_call(SYS_close_range, ~0U, ~0U, 0L) == 0, true);
	is_good &= tell_landlock(plan);
	is_good &= tell_privileges(plan);
	return !is_good;
}
