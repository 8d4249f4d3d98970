#ifndef INIT_PLAN_H
#define INIT_PLAN_H

/*
 * plan: everything that pith-init will do, as data, before it does any of it.
 *
 * Files are read, names looked up and contradictions found here, so that
 * after the first irreversible step only the kernel can still say no.
 */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "data/filter.h"
#include "data/service.h"
#include "init/behaviour.h"
#include "init/environment.h"
#include "kernel/caps.h"

struct err;
struct options;

/* What execve gets. */
struct plan_command {
	const char *path;
	char **argv; /* ends with NULL */
};

/* Laid out as struct service is: buffers last. */
struct plan {
	struct behaviour behaviour;
	struct plan_command main;
	bool is_hardened; /* /etc/pith says so: no new privileges, no caps */
	bool has_filter;
	bool is_heard; /* calls that it refuses come here */
	bool is_audit; /* and are made all the same (SystemCallLog=audit) */
	bool is_pid1;
	bool changes_ids; /* started with the right to, and asked to */
	bool notes_user;  /* asked to, but already another non-root uid */
	uint32_t uid;	  /* pith-init's own, where they matter */
	uint32_t gid;
	struct caps caps; /* what pith-init holds now */
	int ruleset;	  /* Landlock's, or -1 */
	uint8_t landlock_abi;
	struct environment environment;
	struct environment_source source;
	size_t listen_pid; /* the place of that setting, or none of those */
	int notify;	   /* the socket for notices, or -1 */
	int listener;	   /* of the filter of what was started last, or -1 */
	char *own[3];	   /* settings, as source wants them */
	char notify_setting[24];
	char watchdog_setting[40];
	char listen_setting[24];
	void *shared; /* a page for the child's report, once there is one */
	struct filter filter;
	struct service service;
	/* service.conf, and where that ends, at a multiple of 8, service.bpf */
	size_t text_len;
	_Alignas(8) char text[SERVICE_TEXT_MAX + 8 + FILTER_FILE_MAX + 1];
	char path_buf[PATH_MAX];
};

/*
 * Make the plan from the command line, the environment and /etc/pith.
 * *plan must be zero at the start and must not move afterwards; what it
 * stores points into itself, argv and envp.
 */
int plan_make(struct plan *plan, const struct options *options, char **envp,
	      struct err *err);

#endif
