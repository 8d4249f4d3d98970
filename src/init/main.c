/*
 * pith-init: argv, env and /etc/pith/service.conf -> plan -> apply ->
 * supervise. In images it is /init.
 */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/errtext.h"
#include "base/io.h"
#include "init/apply.h"
#include "init/log.h"
#include "init/options.h"
#include "init/plan.h"
#include "init/signals.h"
#include "init/supervise.h"

static const char usage[] =
	"usage: pith-init [-o KEY=VALUE]... [--] [PROGRAM [ARG...]]\n"
	"\n"
	"Starts PROGRAM as /etc/pith/service.conf says (by default its\n"
	"ExecStart=), under the filter /etc/pith/service.bpf; forwards signals,\n"
	"reaps, and exits as PROGRAM did.\n"
	"\n"
	"  -o KEY=VALUE  set a key of [Service]; may only tighten the sandbox\n"
	"  --help        print this\n"
	"  --version     print the version\n"
	"\n"
	"exit: PROGRAM's code, 128+signal, 125 pith-init failed,\n"
	"126 PROGRAM is not executable, 127 PROGRAM was not found\n";

static const char version[] = "pith-init " PITH_VERSION "\n";

/* Both are answers for standard output; returns the exit code. */
static int print(const char *text)
{
	return io_write(STDOUT_FILENO, text, strlen(text)) < 0 ? APPLY_FAILED
							       : 0;
}

static int fail(const struct err *err, int code)
{
	log_line("%s", err->text);
	return code;
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

static void adopt_orphans(const struct plan *plan)
{
	if (plan->is_pid1)
		return;
	/* Without it orphans go to somebody else, who reaps them. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		log_line("not PID 1 and no subreaper: %s", errtext(errno));
}

static int start(struct plan *plan, const struct signals *inherited)
{
	struct err err;

	adopt_orphans(plan);
	pid_t child = apply_plan(plan, inherited, &err);

	if (child < 0)
		return fail(&err, -child);
	apply_to_self(plan);
	if (plan->notes_user)
		log_line("running as uid %u, which the engine chose: taken as "
			 "good for User=%u",
			 plan->uid, plan->service.user.id);
	return supervise_child(&(struct supervise){
		.child = child,
		.is_pid1 = plan->is_pid1,
		.service = &plan->service,
	});
}

int main(int argc, char **argv, char **envp)
{
	static struct plan plan;
	struct options options;
	struct signals inherited;
	struct err err;

	(void)argc;
	/* First: a signal that arrives from here on is kept, not obeyed. */
	if (signals_take(&inherited) < 0)
		return APPLY_FAILED;
	/*
	 * Before anything is started: a child of the same uid could otherwise
	 * write to this process, which no filter holds, through /proc.
	 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return APPLY_FAILED;
	if (options_parse(&options, argv, &err) < 0)
		return fail(&err, APPLY_FAILED);
	if (options.help || options.version)
		return print(options.help ? usage : version);
	if (plan_make(&plan, &options, envp, &err) < 0)
		return fail(&err, plan_exit(&err));
	return start(&plan, &inherited);
}
