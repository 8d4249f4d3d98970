#include "init/serve.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "init/apply.h"
#include "init/life.h"
#include "init/log.h"
#include "init/options.h"
#include "init/personality.h"
#include "init/plan.h"
#include "init/supervise.h"
#include "kernel/clock.h"
#include "kernel/process.h"

struct serve {
	struct plan *plan;
	const struct options *options;
	const struct signals *inherited;
	struct supervise supervise;
	pid_t parent;	      /* whose death is a signal, or 0 */
	uint64_t first_start; /* of those that StartLimitBurst= counts */
	uint32_t starts;
};

static struct supervise_result fail(const struct serve *serve,
				    const struct err *err, int code)
{
	log_line(LOG_ERROR, "%s", err->text);
	return (struct supervise_result){
		.code = personality_exit(serve->options->as, code, err->num),
		.how = SUPERVISE_CODE,
	};
}

/* Whether something will still be started after the program. */
static bool may_go_on(const struct plan *plan)
{
	return plan->service.restart || plan->service.stop_post.count;
}

/*
 * Once the program runs. What a further start needs has to stay: privileges,
 * the directory, the descriptors that were passed.
 */
static void settle(struct serve *serve, pid_t child)
{
	struct plan *plan = serve->plan;

	log_line(LOG_INFO, "%s started, pid %d", plan->main.path, child);
	/* The parent may have gone before it was watched. */
	if (serve->parent && getppid() != serve->parent)
		kill(child, plan->behaviour.death_signal);
	if (!may_go_on(plan)) {
		apply_to_self(plan);
		/* It closed that one; there is another when it is needed. */
		serve->supervise.signals = -1;
	}
	environment_forget(&plan->environment);
	if (plan->is_heard && plan->listener < 0)
		log_line(LOG_WARNING, "what the filter refuses is not logged: "
				      "the engine's has the listener");
}

static struct supervise_result run_main(struct serve *serve)
{
	struct plan *plan = serve->plan;
	const struct service *service = &plan->service;
	bool is_notify = service->type == SERVICE_NOTIFY;
	struct err err;
	pid_t child = apply_plan(plan, &plan->main, serve->inherited, &err);

	if (child < 0)
		return fail(serve, &err, -child);
	settle(serve, child);
	serve->supervise.listener = plan->listener;
	return supervise_child(
		&serve->supervise,
		&(struct supervise_start){
			.child = child,
			.timeout_ms = is_notify ? service->timeout_start_ms
						: UINT64_MAX,
			.watchdog_ms = is_notify ? service->watchdog_ms : 0,
		});
}

static struct supervise_result run_command(struct serve *serve, char **argv,
					   uint64_t timeout_ms)
{
	const struct plan_command command = { argv[0], argv };
	struct err err;
	pid_t child = apply_plan(serve->plan, &command, serve->inherited, &err);

	if (child < 0)
		return fail(serve, &err, -child);
	serve->supervise.listener = serve->plan->listener;
	return supervise_child(&serve->supervise,
			       &(struct supervise_start){
				       .child = child,
				       .timeout_ms = timeout_ms,
			       });
}

/* One after another, until one fails that has no '-' before it. */
static struct supervise_result run_commands(struct serve *serve,
					    struct service_words *words,
					    uint64_t timeout_ms)
{
	struct supervise_result result = { .how = SUPERVISE_CLEAN };

	for (size_t i = 0; i < words->count; i++) {
		char **argv = words->at + i;
		bool is_optional = **argv == '-';

		*argv += is_optional;
		result = run_command(serve, argv, timeout_ms);
		if (result.how != SUPERVISE_CLEAN)
			log_line(LOG_WARNING, "%s: failed with code %d", *argv,
				 result.code);
		*argv -= is_optional;
		if (result.how != SUPERVISE_CLEAN && !is_optional)
			return result;
		while (words->at[i])
			i++;
	}
	return (struct supervise_result){ .how = SUPERVISE_CLEAN };
}

static struct supervise_result run_once(struct serve *serve)
{
	struct service *service = &serve->plan->service;
	struct supervise_result result = run_commands(
		serve, &service->start_pre, service->timeout_start_ms);

	if (result.how == SUPERVISE_CLEAN && !serve->supervise.is_told)
		result = run_main(serve);
	run_commands(serve, &service->stop_post, service->timeout_stop_ms);
	return result;
}

/* The first counts: as systemd, that many within the time, and no more. */
static bool is_within_limit(struct serve *serve)
{
	const struct service *service = &serve->plan->service;
	uint64_t now = clock_ms();

	if (now - serve->first_start > service->start_limit_ms) {
		serve->first_start = now;
		serve->starts = 0;
	}
	return ++serve->starts <= service->start_limit_burst ||
	       !service->start_limit_burst || !service->start_limit_ms;
}

static bool is_to_restart(const struct serve *serve, unsigned int how)
{
	static const uint8_t ends[] = {
		[SERVICE_RESTART_NO] = 0,
		[SERVICE_RESTART_SUCCESS] = SUPERVISE_CLEAN,
		[SERVICE_RESTART_FAILURE] = (uint8_t)~SUPERVISE_CLEAN,
		[SERVICE_RESTART_ABNORMAL] = (uint8_t) ~(SUPERVISE_CLEAN |
							 SUPERVISE_CODE),
		[SERVICE_RESTART_WATCHDOG] = SUPERVISE_WATCHDOG,
		[SERVICE_RESTART_ABORT] = SUPERVISE_SIGNAL,
		[SERVICE_RESTART_ALWAYS] = UINT8_MAX,
	};

	return !serve->supervise.is_told &&
	       ends[serve->plan->service.restart] & how;
}

/* Wait, and make what the last start used up. False when it is not to be. */
static bool get_ready(struct serve *serve, int code)
{
	struct plan *plan = serve->plan;
	uint64_t ms = plan->service.restart_ms;
	struct err err;

	log_line(LOG_WARNING,
		 "%s ended with code %d: starting again in %llu ms",
		 plan->main.path, code, (unsigned long long)ms);
	/* Who is left over (KillMode=process) must not wait for an answer. */
	if (plan->listener >= 0)
		close(plan->listener);
	plan->listener = -1;
	supervise_rest(&serve->supervise, ms);
	if (serve->supervise.is_told)
		return false;
	if (!is_within_limit(serve)) {
		log_line(LOG_ERROR,
			 "started %u times within %llu ms: giving up",
			 serve->starts - 1,
			 (unsigned long long)plan->service.start_limit_ms);
		return false;
	}
	if (environment_make(&plan->environment, &plan->source, &err) == 0)
		return true;
	log_line(LOG_ERROR, "%s", err.text);
	return false;
}

/*
 * The parent's death is a signal like any other, to be passed on; the child
 * has its own word for init's (apply).
 */
static void watch_parent(struct serve *serve)
{
	uint8_t sig = serve->plan->behaviour.death_signal;

	if (!sig)
		return;
	serve->parent = getppid();
	process_set(PR_SET_PDEATHSIG, sig);
}

int serve_run(struct plan *plan, const struct options *options,
	      const struct signals *inherited)
{
	struct serve serve = {
		.plan = plan,
		.options = options,
		.inherited = inherited,
		.supervise = {
			.is_pid1 = plan->is_pid1,
			.notify = plan->notify,
			.listener = -1,
			.signals = -1,
			.denials = {
				.filter = &plan->filter,
				.is_audit = plan->is_audit,
			},
			.service = &plan->service,
			.behaviour = &plan->behaviour,
		},
	};
	struct supervise_result result;

	watch_parent(&serve);
	if (plan->service.restart)
		is_within_limit(&serve);
	do
		result = run_once(&serve);
	while (is_to_restart(&serve, result.how) &&
	       get_ready(&serve, result.code));
	return result.code;
}
