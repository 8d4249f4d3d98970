#include "tool/trace_image.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/bundle.h"
#include "seccomp/trace.h"
#include "tool/container.h"
#include "tool/disarm.h"
#include "tool/guard.h"
#include "tool/runtime.h"
#include "tool/told.h"
#include "tool/trace_show.h"
#include "tool/unpack.h"

static int work(void *arg, struct err *err)
{
	struct trace_image *image = arg;
	const char *directory = image->runtime.bundle;
	struct bundle bundle = {
		.args = image->args,
		.arg_count = image->arg_count,
		.is_rootless = image->is_rootless,
	};
	int sig;

	if (unpack_bundle(&bundle, directory, image->path, NULL, err) < 0)
		return -1;
	if (disarm_bundle(&image->has_init, directory, err) < 0)
		return err_wrap(err, "%s", image->path);
	/* Told to stop while it was unpacking: it never starts. */
	if ((sig = told_to_end()) > 0)
		return err_set(err, 0, "told to end by signal %d", sig);
	return image->work(image->arg, err);
}

static void clean(void *arg)
{
	const struct trace_image *image = arg;

	runtime_clean(&image->runtime);
}

int trace_image_run(struct trace_image *image, struct err *err)
{
	const char *parent = getenv("TMPDIR");
	auto_buf struct buf directory = { 0 }, state = { 0 }, id = { 0 };
	sigset_t mask;

	image->runtime.program = runtime_find(image->chosen, err);
	if (!image->runtime.program)
		return -1;
	buf_fmt(&directory, "%s/pith-trace-XXXXXX",
		parent && *parent == '/' ? parent : "/tmp");
	/* From before the directory is there until it is gone again. */
	told_take(&mask);
	/* For nobody else: an image may hold setuid programs. */
	if (!mkdtemp(directory.at))
		return err_set(err, errno, "%s", directory.at);
	buf_fmt(&state, "%s/state", directory.at);
	buf_fmt(&id, "pith-trace-%d", (int)getpid());
	image->runtime.bundle = directory.at;
	image->runtime.state = state.at;
	image->runtime.id = id.at;
	image->runtime.teller = getpid();
	image->runtime.mask = &mask;
	return guard_run(&(struct guard){ work, clean, image }, err);
}

int trace_image_follow(struct tally *tally, const struct trace_image *image,
		       struct err *err)
{
	struct container container;
	sigset_t signals, before;

	trace_take_signals(&signals, &before);
	if (runtime_create(&container, &image->runtime, err) < 0 ||
	    trace_attach(container.pid, err) < 0)
		return -1;
	/*
	 * Not waited for: it waits for the container's first process, and that
	 * stops for us whenever it makes a thread.
	 */
	pid_t starter = runtime_start(&image->runtime, err);

	if (starter < 0)
		return -1;
	return trace_follow(tally,
			    &(struct trace){
				    .pid = container.pid,
				    .execs = image->has_init ? 2 : 1,
				    .passes_keys = true,
				    .starter = starter,
				    .signals = &signals,
				    .progress = trace_progress(),
			    },
			    err);
}
