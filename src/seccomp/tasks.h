#ifndef SECCOMP_TASKS_H
#define SECCOMP_TASKS_H

/*
 * tasks: the threads that a trace follows, found by their number, for that is
 * all that wait(2) says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct task {
	pid_t tid;	  /* 0: an empty place */
	uint8_t execs;	  /* execve calls still to come before calls count */
	bool is_thread;	  /* not the first of its process */
	bool is_in_call;  /* stopped at a call's entry, not yet at its exit */
	bool wants_exit;  /* the exit of this call is needed, too */
	bool has_changed; /* it has something to put back, see change.h */
	uint64_t changed_at;
	uint64_t changed_from;
};

struct tasks {
	struct task *at; /* a power of two places, or NULL */
	size_t size;
	size_t count;
};

void tasks_free(struct tasks *tasks);

/* The task of that number, or NULL; valid until the next add or remove. */
struct task *tasks_find(const struct tasks *tasks, pid_t tid);

/* A new task, all zero but its number, which the table must not hold yet. */
struct task *tasks_add(struct tasks *tasks, pid_t tid);

/* Remove the task of that number, if there is one. */
void tasks_remove(struct tasks *tasks, pid_t tid);

#endif
