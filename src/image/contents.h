#ifndef IMAGE_CONTENTS_H
#define IMAGE_CONTENTS_H

/*
 * contents: everything that a recipe's image holds, as a plan. See
 * docs/image-layout.md for what is where and why.
 */
#include "base/slice.h"
#include "image/closure.h"

struct arch;
struct err;
struct plan;
struct recipe;
struct recipe_list;

/*
 * Add the base, what Copy= names, Volume= directories (owned by User=),
 * WorkingDirectory= and what all of them need, and finish the plan.
 */
int contents_add(struct plan *plan, struct recipe *recipe, struct err *err);

/*
 * /init is not to be read: what the kernel executes without being able to read
 * it is non-dumpable from its first instruction. A probe has the service's uid
 * and no filter; before it can ask for that itself, the service would have had
 * its /proc/PID/mem open (execve(2), fs/exec.c:would_dump).
 */
enum { CONTENTS_INIT_MODE = 0711, CONTENTS_INIT_MAX = 16 * 1024 * 1024 };

/*
 * Check the program that ExecStart= names: it must be a regular file of the
 * finished plan, executable by User=, and a program for the image's
 * architecture.
 */
int contents_check_program(struct closure_program *out, const struct plan *plan,
			   const struct recipe *recipe, struct err *err);

/* What an image is started by, and with. */
struct contents_pith {
	const char *init;    /* the host file of /init */
	const char *program; /* of ExecStart=, a path in the image */
	const struct recipe_list *volumes; /* of Volume=, or NULL */
	struct slice conf, filter;
	const struct arch *arch;
};

/*
 * Add pith's own files: /init, or a link of that name to a program of the plan
 * that is the same file, and /etc/pith/service.conf, service.bpf and calls.
 * Finishes the plan again.
 */
int contents_add_pith(struct plan *plan, const struct contents_pith *pith,
		      struct err *err);

#endif
