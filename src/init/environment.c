#include "init/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/errtext.h"
#include "base/fmt.h"
#include "data/envfile.h"
#include "data/service.h"
#include "init/load.h"
#include "kernel/call.h"
#include "kernel/memory.h"

enum {
	/* The kernel's MAX_ARG_STRLEN, which bounds a NAME from -o as well. */
	NAME_LEN_MAX = 128 * 1024,
	/* For one file: NAME, '=', what it holds and a zero byte. */
	ROOM = NAME_LEN_MAX + ENVIRONMENT_FILE_MAX + 2,
	/* The most settings in one: "A=" and a newline each, but the last. */
	SETTINGS_MAX = ENVIRONMENT_FILE_MAX / 3 + 1,
	OWN_MAX = 2, /* NOTIFY_SOCKET and WATCHDOG_USEC */
};

/* NAME=... for the same NAME, up to and including the equals sign. */
static bool same_name(const char *a, const char *b)
{
	while (*a && *a == *b && *a != '=')
		a++, b++;
	return *a == '=' && *b == '=';
}

/* The index of the setting of that name, or count. */
static size_t find(char *const *all, size_t count, const char *setting)
{
	size_t i = 0;

	while (i < count && !same_name(all[i], setting))
		i++;
	return i;
}

/* Add it, or replace the one of its name unless that is of the first fixed. */
static void put(struct environment *env, size_t fixed, char *setting)
{
	size_t i = find(env->all, env->count, setting);

	if (i >= fixed)
		env->all[i] = setting;
	env->count += i == env->count;
}

/*
 * The descriptor that the program gets: not 0, 1 or 2, which may be closed
 * and which pith-init keeps, and not close-on-exec, since the one execve to
 * come is the child's. -1 with errno set on failure.
 */
static int pass_on(int fd)
{
	int copy = (int)kernel_call(SYS_fcntl, fd, F_DUPFD, STDERR_FILENO + 1);

	close(fd);
	return copy;
}

/*
 * Add what [NAME:][-]/path stands for. What was read is not packed, so that
 * environment_wipe finds all of it.
 */
static int add_file(struct environment *env, enum service_file kind,
		    const char *word, struct err *err)
{
	char *at = env->end;
	char *setting = at;

	while (*word != '/')
		*at++ = *word++;
	bool is_optional = at > setting && at[-1] == '-';

	at -= is_optional;
	if (at > setting)
		at[-1] = '=';
	int fd = load_open(word);
	ssize_t len;

	if (fd >= 0 && kind == SERVICE_SECRET_FD)
		fd = pass_on(fd);
	if (fd >= 0 && kind == SERVICE_SECRET_FD)
		env->fds[env->fd_count++] = fd;
	if (fd >= 0 && kind == SERVICE_SECRET_FD)
		len = (ssize_t)fmt(at, ROOM, "%d", fd);
	else
		len = load_read(at, ENVIRONMENT_FILE_MAX + 1, fd, err);
	if (len == LOAD_NONE)
		return is_optional ? 0 : err_set(err, 0, "%s", errtext(ENOENT));
	if (len < 0)
		return -1;
	env->end = at + len + 1;
	if (kind == SERVICE_ENVIRONMENT_FILE) {
		size_t left;

		if (envfile_parse(&left, at, (size_t)len, err) < 0)
			return -1;
		for (char *stop = at + left; at < stop; at += strlen(at) + 1)
			put(env, env->given, at);
		return 0;
	}
	/* Nearly all that writes such files ends them with one. */
	if (len && at[len - 1] == '\n')
		len--;
	at[len] = '\0';
	if (strlen(at) != (size_t)len)
		return err_set(err, 0, "a zero byte");
	put(env, 0, setting);
	return 0;
}

static int add_files(struct environment *env, const struct service *service,
		     struct err *err)
{
	static const char *const keys[] = { "EnvironmentFile", "Secret",
					    "SecretFD" };

	for (int kind = 0; kind < SERVICE_FILES; kind++) {
		const struct service_words *words = &service->files[kind];

		for (size_t i = 0; i < words->count; i++) {
			if (add_file(env, kind, words->at[i], err) == 0)
				continue;
			return err_wrap(err, "%s: %s", keys[kind],
					words->at[i]);
		}
	}
	return 0;
}

/*
 * There is no heap. Only the pages that are used become memory, and what is
 * asked for is the same each time.
 */
static int make_room(struct environment *env,
		     const struct environment_source *from, size_t files,
		     struct err *err)
{
	size_t most = from->count + from->service->environment.count +
		      files * SETTINGS_MAX + OWN_MAX + 1;

	if (!env->memory)
		env->memory = memory_map(
			most * sizeof(*env->all) + files * ROOM, false);
	if (!env->memory)
		return err_set(err, errno, "environment");
	env->all = env->memory;
	memcpy(env->all, from->envp, from->count * sizeof(*env->all));
	env->given = env->count = from->count;
	env->text = env->end = (char *)(env->all + most);
	return 0;
}

int environment_make(struct environment *env,
		     const struct environment_source *from, struct err *err)
{
	const struct service *service = from->service;
	const struct service_words *words = &service->environment;
	size_t files = 0;

	env->all = from->envp;
	for (int kind = 0; kind < SERVICE_FILES; kind++)
		files += service->files[kind].count;
	size_t missing = files + (*from->own != NULL);

	for (size_t i = 0; i < words->count; i++)
		missing += find(from->envp, from->count, words->at[i]) ==
			   from->count;
	if (!missing)
		return 0;
	if (make_room(env, from, files, err) < 0)
		return -1;
	for (size_t i = 0; i < words->count; i++)
		put(env, env->given, words->at[i]);
	if (add_files(env, service, err) < 0)
		return -1;
	for (char *const *own = from->own; *own; own++)
		put(env, 0, *own);
	env->all[env->count] = NULL;
	return 0;
}

void environment_forget(struct environment *env)
{
	while (env->fd_count)
		close(env->fds[--env->fd_count]);
	memset(env->text, 0, (size_t)(env->end - env->text));
	/* Whatever the compiler knows about who reads it from here on. */
	__asm__ volatile("" : : "r"(env->text) : "memory");
}
