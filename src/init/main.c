/*
 * pith-init: argv, env and /etc/pith/service.conf -> plan -> apply ->
 * supervise. In images it is /init.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/errtext.h"
#include "base/fmt.h"
#include "base/io.h"
#include "init/apply.h"
#include "init/confine.h"
#include "init/explain.h"
#include "init/log.h"
#include "init/options.h"
#include "init/pause.h"
#include "init/personality.h"
#include "init/plan.h"
#include "init/probe.h"
#include "init/serve.h"
#include "init/signals.h"
#include "kernel/process.h"

static const char usage[] =
	"usage: pith-init [--explain | --check] [-o KEY=VALUE]... [--] "
	"[PROGRAM [ARG...]]\n"
	"       pith-init --probe URL [--timeout 3s] [--status 200-399] "
	"[--match TEXT]\n"
	"       pith-init --pause | --help | --version\n"
	"See pith-init(8).\n";

static const char license[] = "pith-init and musl: MIT license\n";

/* Returns the exit code. */
static int answer(const struct options *options)
{
	const struct personality *as = options->as;
	bool is_pith = as->kind == PERSONALITY_PITH;
	char known[PERSONALITY_LETTERS];
	char line[128];
	const char *text = line;

	if (options->behaviour.answer == BEHAVIOUR_LICENSE) {
		text = license;
	} else if (options->behaviour.answer == BEHAVIOUR_VERSION) {
		fmt(line, sizeof(line), "%s" PITH_VERSION "%s\n", as->version,
		    is_pith ? "" : "_pith");
	} else if (is_pith) {
		text = usage;
	} else {
		personality_letters(known, as);
		fmt(line, sizeof(line),
		    "usage: %s [-%s] [--] PROGRAM [ARG...]\n", as->name, known);
	}
	int fd = as->is_on_stderr ? STDERR_FILENO : STDOUT_FILENO;

	return io_write(fd, text, strlen(text)) < 0 ? as->failed : 0;
}

/* code is an apply_exit; returns what that is under this name. */
static int fail(const struct options *options, const struct err *err, int code)
{
	log_line(LOG_ERROR, "%s", err->text);
	return personality_exit(options->as, code, err->num);
}

/*
 * Why a program that plan_make could not find is not 125: the caller asked
 * for it by name, and 126 and 127 are what env(1) and the shells answer.
 */
static int plan_exit(const struct err *err)
{
	if (err->num == ENOENT)
		return APPLY_NOT_FOUND;
	return err->num == EACCES ? APPLY_NOT_EXECUTABLE : APPLY_FAILED;
}

static void adopt_orphans(const struct behaviour *behaviour)
{
	if (getpid() == 1)
		return;
	/* Without it orphans go to somebody else, who reaps them. */
	if (behaviour->adopts) {
		if (process_set(PR_SET_CHILD_SUBREAPER, 1) < 0)
			log_line(LOG_WARNING, "not PID 1 and no subreaper: %s",
				 errtext(errno));
	} else if (behaviour->notes_orphans) {
		/* Looked for in logs since tini first wrote the last words. */
		log_line(LOG_WARNING,
			 "not PID 1 and no -s: zombie reaping won't work");
	}
}

/* Another process in the container of a service that runs already. */
static int probe(char **args)
{
	struct err err;
	int code = probe_run(args, &err);

	if (code)
		log_line(LOG_ERROR, "%s", err.text);
	return code;
}

/* Pause: there is no program, and the plan is empty. */
static int hold(const struct plan *plan, const struct options *options)
{
	adopt_orphans(&options->behaviour);
	apply_to_self(plan);
	pause_run();
	return 0;
}

int main(int argc, char **argv, char **envp)
{
	static struct plan plan;
	static struct options options;
	struct signals inherited;
	struct err err;

	if (argc > 1 && strcmp(argv[1], "--probe") == 0)
		return probe(argv + 2);
	/* First: a signal that arrives from here on is kept, not obeyed. */
	if (signals_take(&inherited) < 0)
		return APPLY_FAILED;
	/*
	 * Before anything is started: a child of the same uid could otherwise
	 * write to this process, which no filter holds, through /proc.
	 */
	if (process_set(PR_SET_DUMPABLE, 0) < 0)
		return APPLY_FAILED;
	int parsed = options_parse(&options, argv, envp, &err);

	log_as(options.as->name);
	if (parsed < 0)
		return fail(&options, &err, APPLY_FAILED);
	if (options.behaviour.answer &&
	    options.behaviour.answer < BEHAVIOUR_EXPLAIN)
		return answer(&options);
	if (options.behaviour.pauses)
		return hold(&plan, &options);
	if (plan_make(&plan, &options, envp, &err) < 0)
		return fail(&options, &err, plan_exit(&err));
	if (options.behaviour.answer == BEHAVIOUR_CHECK)
		return explain_kernel(&plan);
	if (confine_make(&plan, &err) < 0)
		return fail(&options, &err, APPLY_FAILED);
	if (options.behaviour.answer) {
		explain_plan(&plan);
		return 0;
	}
	adopt_orphans(&plan.behaviour);
	if (plan.notes_user)
		log_line(LOG_WARNING,
			 "running as %u:%u: taken as good for %u:%u", plan.uid,
			 plan.gid, plan.service.user.id, plan.service.group.id);
	return serve_run(&plan, &options, &inherited);
}
