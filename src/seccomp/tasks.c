#include "seccomp/tasks.h"

#include <stdlib.h>

#include "base/buf.h"

/*
 * Open addressing: a task stands at its home or in the run of occupied places
 * behind it.
 */
enum { SIZE_FIRST = 64 };

static size_t home_of(const struct tasks *tasks, pid_t tid)
{
	/* Knuth's multiplicative hash: neighbours end up far apart. */
	return (uint32_t)tid * 2654435761U & (tasks->size - 1);
}

static size_t next_of(const struct tasks *tasks, size_t place)
{
	return (place + 1) & (tasks->size - 1);
}

/* Where the task is, or the empty place where it would be. */
static size_t place_of(const struct tasks *tasks, pid_t tid)
{
	size_t place = home_of(tasks, tid);

	while (tasks->at[place].tid && tasks->at[place].tid != tid)
		place = next_of(tasks, place);
	return place;
}

static void grow(struct tasks *tasks)
{
	struct tasks old = *tasks;

	tasks->size = old.size ? old.size * 2 : SIZE_FIRST;
	tasks->at = mem_new(tasks->size, sizeof(*tasks->at));
	for (size_t i = 0; i < old.size; i++)
		if (old.at[i].tid)
			tasks->at[place_of(tasks, old.at[i].tid)] = old.at[i];
	free(old.at);
}

void tasks_free(struct tasks *tasks)
{
	free(tasks->at);
	*tasks = (struct tasks){ 0 };
}

struct task *tasks_find(const struct tasks *tasks, pid_t tid)
{
	if (!tasks->size)
		return NULL;
	struct task *task = &tasks->at[place_of(tasks, tid)];

	return task->tid ? task : NULL;
}

struct task *tasks_add(struct tasks *tasks, pid_t tid)
{
	/* At most half full: runs stay short, and never go all the way round. */
	if (2 * (tasks->count + 1) > tasks->size)
		grow(tasks);
	struct task *task = &tasks->at[place_of(tasks, tid)];

	*task = (struct task){ .tid = tid };
	tasks->count++;
	return task;
}

/* Whether a task with that home may stand at place, seen from the gap. */
static bool reaches_past(const struct tasks *tasks, size_t home, size_t gap,
			 size_t place)
{
	size_t mask = tasks->size - 1;

	return ((place - home) & mask) >= ((place - gap) & mask);
}

void tasks_remove(struct tasks *tasks, pid_t tid)
{
	struct task *found = tasks_find(tasks, tid);

	if (!found)
		return;
	size_t gap = (size_t)(found - tasks->at);

	/* Close the gap, or who stands behind it would not be found again. */
	for (size_t i = next_of(tasks, gap); tasks->at[i].tid;
	     i = next_of(tasks, i)) {
		size_t home = home_of(tasks, tasks->at[i].tid);

		if (!reaches_past(tasks, home, gap, i))
			continue;
		tasks->at[gap] = tasks->at[i];
		gap = i;
	}
	tasks->at[gap] = (struct task){ 0 };
	tasks->count--;
}
