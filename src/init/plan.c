#include "init/plan.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/native.h"
#include "base/err.h"
#include "base/fmt.h"
#include "base/slice.h"
#include "init/environment.h"
#include "init/load.h"
#include "init/log.h"
#include "init/options.h"
#include "init/personality.h"
#include "init/program.h"
#include "kernel/notify.h"
#include "kernel/rlimit.h"

#define CONF_PATH "/etc/pith/service.conf"
#define BLOB_PATH "/etc/pith/service.bpf"

/* All other defaults are zero, and so is the plan. */
static void set_defaults(struct plan *plan)
{
	bool stops = plan->behaviour.stops;

	plan->service.timeout_stop_ms = stops ? SERVICE_STOP_MS : UINT64_MAX;
	plan->service.kill_mode = stops ? SERVICE_KILL_ALL
					: SERVICE_KILL_PROCESS;
	service_start_defaults(&plan->service);
}

/*
 * Once all is read. A personality that only passes SIGTERM on stops the
 * service all the same where service.conf asks for more than that. And a
 * session of its own is orphaned: the terminal's stops do nothing in it.
 */
static void settle_behaviour(struct plan *plan)
{
	static const uint8_t stops[] = { SIGTSTP, SIGTTIN, SIGTTOU };
	struct service *service = &plan->service;

	if (service->timeout_stop_ms != UINT64_MAX ||
	    service->kill_mode != SERVICE_KILL_PROCESS)
		plan->behaviour.stops = true;
	if (plan->behaviour.session != BEHAVIOUR_SESSION_OWN)
		return;
	for (size_t i = 0; i < sizeof(stops); i++)
		if (!service->rewrite[stops[i]])
			service->rewrite[stops[i]] = SIGSTOP;
}

static int read_conf(struct plan *plan, struct err *err)
{
	ssize_t len = load_read(plan->text, SERVICE_TEXT_MAX + 1,
				load_open(CONF_PATH), err);

	if (len == LOAD_NONE)
		return 0;
	if (len < 0)
		return err_wrap(err, "%s", CONF_PATH);
	plan->is_hardened = true;
	plan->text_len = ((size_t)len + 8) & ~(size_t)7;
	if (service_read(&plan->service, plan->text, (size_t)len, err) < 0)
		return err_wrap(err, "%s", CONF_PATH);
	return 0;
}

/*
 * What the image leaves open is as the engine set it, and later settings are
 * held against that. Only where there are any: it costs a call for each limit.
 */
static int inherit(struct service *service, struct err *err)
{
	for (int i = 0; i < SERVICE_LIMITS; i++) {
		struct service_limit *limit = &service->limits[i];

		if (limit->is_set)
			continue;
		if (rlimit_get(i, &limit->soft, &limit->hard) < 0)
			return err_set(err, errno, "get resource limits");
		limit->is_set = true;
	}
	if (!service->has_umask) {
		service->umask = umask(0);
		umask(service->umask);
		service->has_umask = true;
	}
	return 0;
}

static int apply_settings(struct plan *plan, const struct options *options,
			  struct err *err)
{
	if (options->setting_count && inherit(&plan->service, err) < 0)
		return -1;
	for (size_t i = 0; i < options->setting_count; i++) {
		const struct options_setting *set = &options->settings[i];

		if (service_tighten(&plan->service, set->key, set->value,
				    strlen(set->value), err) < 0)
			return err_wrap(err, "%s", set->by);
	}
	return 0;
}

/* The filter is optional only where service.conf does not ask for one. */
static int read_filter(struct plan *plan, struct err *err)
{
	char *blob = plan->text + plan->text_len;
	ssize_t len = load_read(blob, FILTER_FILE_MAX + 1, load_open(BLOB_PATH),
				err);

	if (len == LOAD_NONE && plan->service.filter.count)
		return err_set(err, 0,
			       "%s: missing, and SystemCallFilter= is "
			       "set",
			       BLOB_PATH);
	if (len == LOAD_NONE)
		return 0;
	if (len < 0)
		return err_wrap(err, "%s", BLOB_PATH);
	plan->is_hardened = true;
	plan->has_filter = true;
	if (filter_parse(&plan->filter, blob, (size_t)len, err) < 0)
		return err_wrap(err, "%s", BLOB_PATH);
	if (plan->filter.audit != arch_native_audit)
		return err_set(err, 0,
			       "%s: made for architecture 0x%x, this "
			       "is " ARCH_NATIVE_NAME " (0x%x)",
			       BLOB_PATH, plan->filter.audit,
			       arch_native_audit);
	if (!(plan->filter.flags & FILTER_GATE) && !plan->service.allow_exec)
		return err_set(err, 0,
			       "%s: has no gate, so more could be started; "
			       "AllowExec=yes permits that",
			       BLOB_PATH);
	return 0;
}

/*
 * What an audit cannot hear it must not seem to have heard: no lines would say
 * that the policy lacks nothing.
 */
static int plan_listener(struct plan *plan, struct err *err)
{
	uint8_t log = plan->service.call_log;
	bool can_hear = plan->has_filter && plan->filter.flags & FILTER_SPEAKS;

	if (can_hear) {
		plan->is_heard = log != SERVICE_SILENCE;
		plan->is_audit = log == SERVICE_AUDIT;
		return 0;
	}
	if (log != SERVICE_AUDIT)
		return 0;
	return err_set(err, 0,
		       "SystemCallLog=audit: no filter, or one that allows "
		       "seccomp(2)");
}

static int choose_command(struct plan *plan, const struct options *options,
			  struct err *err)
{
	plan->main.argv = options->command;
	if (plan->main.argv[0])
		return 0;
	/* words past count are zero: the list ends itself. */
	plan->main.argv = plan->service.exec.at;
	if (!plan->service.exec.count)
		return err_set(err, 0,
			       "no program: name one, or set "
			       "ExecStart= in " CONF_PATH);
	return 0;
}

static int require_number(const struct service_id *id, const char *key,
			  struct err *err)
{
	if (!id->name)
		return 0;
	return err_set(err, 0, "%s: '%s' is a name; write its number", key,
		       id->name);
}

/* Such a key, which -o may set without /etc/pith, locks in. */
static bool is_about_privileges(const struct service *service)
{
	return service->bounding.is_set || service->ambient.is_set ||
	       service->secure_bits.is_set;
}

/*
 * Whether to change ids. Without the right to, a non-root uid that the engine
 * chose is as good as ours (OpenShift draws one); root is not.
 */
static int plan_ids(struct plan *plan, struct err *err)
{
	struct service *s = &plan->service;

	if (require_number(&s->user, "User", err) < 0 ||
	    require_number(&s->group, "Group", err) < 0)
		return -1;
	for (size_t i = 0; i < s->group_count; i++)
		if (require_number(&s->groups[i], "SupplementaryGroups", err) <
		    0)
			return -1;
	/* A plain init changes nothing, and need not know what it is. */
	plan->is_hardened |= is_about_privileges(s);
	bool is_asked = s->user.is_set || s->group.is_set || s->group_count;

	if (!plan->is_hardened && !is_asked)
		return 0;
	plan->uid = getuid();
	if (caps_get(&plan->caps) < 0)
		return err_set(err, errno, "capget");
	if (!is_asked)
		return 0;
	if (!s->user.is_set)
		s->user = (struct service_id){ .is_set = true,
					       .id = plan->uid };
	if (!s->group.is_set)
		s->group = (struct service_id){ .is_set = true,
						.id = s->user.id };
	if (plan->uid != 0) {
		plan->gid = getgid();
		plan->notes_user = plan->uid != s->user.id ||
				   plan->gid != s->group.id;
		return 0;
	}
	plan->changes_ids = true;
	return 0;
}

/*
 * NOTIFY_SOCKET= and WATCHDOG_USEC=, before the environment is made. What
 * WATCHDOG_PID would say is known too late, and libraries do without it.
 */
static int open_notify(struct plan *plan, struct err *err)
{
	static const char name[] = "NOTIFY_SOCKET=";
	const struct service *service = &plan->service;

	plan->notify = plan->listener = plan->ruleset = -1;
	if (service->type != SERVICE_NOTIFY)
		return 0;
	memcpy(plan->notify_setting, name, sizeof(name));
	plan->notify = notify_open(plan->notify_setting + sizeof(name) - 1);
	if (plan->notify < 0)
		return err_set(err, errno, "Type=notify: socket");
	plan->own[0] = plan->notify_setting;
	if (!service->watchdog_ms)
		return 0;
	fmt(plan->watchdog_setting, sizeof(plan->watchdog_setting),
	    "WATCHDOG_USEC=%llu",
	    (unsigned long long)service->watchdog_ms * 1000);
	plan->own[1] = plan->watchdog_setting;
	return 0;
}

static int plan_environment(struct plan *plan, const struct options *options,
			    char **envp, struct err *err)
{
	if (open_notify(plan, err) < 0)
		return -1;
	plan->listen_pid = options->listen_pid;
	plan->source = (struct environment_source){
		.envp = envp,
		.count = options->env_count,
		.own = plan->own,
		.service = &plan->service,
	};
	return environment_make(&plan->environment, &plan->source, err);
}

/* LogLevel= holds where no flag or variable of the personality spoke. */
static void settle_log(struct plan *plan, const struct options *options)
{
	uint8_t usual = options->as->behaviour.verbosity;

	if (plan->service.log_level && plan->behaviour.verbosity == usual)
		plan->behaviour.verbosity = plan->service.log_level - 1;
	/* An audit that says nothing would be read as one that found nothing. */
	if (plan->is_audit && plan->behaviour.verbosity < LOG_WARNING)
		plan->behaviour.verbosity = LOG_WARNING;
	log_shape(plan->behaviour.verbosity, plan->service.log_format);
}

int plan_make(struct plan *plan, const struct options *options, char **envp,
	      struct err *err)
{
	plan->is_pid1 = getpid() == 1;
	plan->behaviour = options->behaviour;
	log_shape(plan->behaviour.verbosity, false);
	set_defaults(plan);
	if (read_conf(plan, err) < 0 ||
	    apply_settings(plan, options, err) < 0 ||
	    read_filter(plan, err) < 0 || plan_listener(plan, err) < 0 ||
	    service_check(&plan->service, plan->has_filter, err) < 0 ||
	    choose_command(plan, options, err) < 0 ||
	    plan_environment(plan, options, envp, err) < 0 ||
	    plan_ids(plan, err) < 0) {
		/* Only the program itself can be missing or not executable. */
		err->num = 0;
		return -1;
	}
	settle_behaviour(plan);
	settle_log(plan, options);
	plan->main.path = program_find(plan->path_buf, plan->main.argv[0],
				       plan->environment.all, err);
	if (!plan->main.path)
		return -1;
	if (!plan->has_filter || plan->service.any_program)
		return 0;
	if (program_check(&plan->filter, plan->main.path, err) == 0)
		return 0;
	err->num = 0;
	return -1;
}
