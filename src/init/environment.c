#include "init/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fmt.h"
#include "data/envfile.h"
#include "data/service.h"
#include "init/load.h"
#include "kernel/memory.h"

enum {
	/* Beside its name: the longest content, '=' and a zero byte. */
	ROOM = ENVIRONMENT_FILE_MAX + 2,
};

/* Put what fd brings to at; close fd. Returns the length with its zero byte. */
typedef ssize_t read_fn(char *at, int fd, const char *path, struct err *err);

static ssize_t read_assignments(char *at, int fd, const char *path,
				struct err *err)
{
	ssize_t len = load_read(at, ENVIRONMENT_FILE_MAX + 1, fd, path, err);
	size_t kept;

	if (len < 0)
		return -1;
	if (envfile_parse(&kept, at, (size_t)len, err) < 0)
		return err_wrap(err, "%s", path);
	/* The rest of it is behind what environment_wipe will know of. */
	if (kept < (size_t)len)
		memset(at + kept, 0, (size_t)len - kept);
	return (ssize_t)kept;
}

static ssize_t read_secret(char *at, int fd, const char *path, struct err *err)
{
	ssize_t len = load_read(at, ENVIRONMENT_FILE_MAX + 1, fd, path, err);

	if (len < 0)
		return -1;
	/* Nearly every tool that writes such a file ends it with a newline. */
	if (len && at[len - 1] == '\n')
		len--;
	at[len] = '\0';
	if (strlen(at) != (size_t)len)
		return err_set(err, 0, "%s: a zero byte", path);
	return len + 1;
}

/*
 * The copy is no longer close-on-exec: the one execve to come is the child's.
 * It is never 0, 1 or 2, which may be closed, and which pith-init keeps.
 */
static ssize_t read_number(char *at, int fd, const char *path, struct err *err)
{
	long kept = syscall(SYS_fcntl, fd, F_DUPFD, STDERR_FILENO + 1);

	if (kept < 0)
		return err_set(err, errno, "%s", path);
	close(fd);
	return (ssize_t)fmt(at, ROOM, "%ld", kept) + 1;
}

static const struct source {
	const char *key;
	size_t at; /* offset of its words in struct service */
	read_fn *read;
} sources[] = {
	{ "EnvironmentFile", offsetof(struct service, environment_files),
	  read_assignments },
	{ "Secret", offsetof(struct service, secrets), read_secret },
	{ "SecretFD", offsetof(struct service, secret_fds), read_number },
};

enum { SOURCES = sizeof(sources) / sizeof(sources[0]) };

static const struct service_words *words_of(const struct service *service,
					    const struct source *source)
{
	return (const void *)((const char *)service + source->at);
}

/* word is [NAME:][-]/path, as service_set_value checked. */
static int add_file(struct environment *env, const struct source *source,
		    const char *word, struct err *err)
{
	const char *path = strchr(word, '/');
	size_t name_len = (size_t)(envfile_name_end(word) - word);
	char *at = env->text + env->len;
	bool found;
	int fd = load_open(&found, path, err);

	if (fd < 0 && !found && path != word && path[-1] == '-')
		return 0;
	if (fd < 0)
		return found ? -1 : err_set(err, ENOENT, "%s", path);
	if (name_len) {
		memcpy(at, word, name_len);
		at[name_len++] = '=';
	}
	ssize_t len = source->read(at + name_len, fd, path, err);

	if (len < 0)
		return -1;
	env->len += name_len + (size_t)len;
	return 0;
}

static int add_source(struct environment *env, const struct source *source,
		      const struct service_words *words, struct err *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (add_file(env, source, words->at[i], err) < 0)
			return err_wrap(err, "%s", source->key);
	return 0;
}

static int read_files(struct environment *env, const struct service *service,
		      struct err *err)
{
	size_t size = 0;

	for (int i = 0; i < SOURCES; i++) {
		const struct service_words *words = words_of(service,
							     &sources[i]);

		for (size_t j = 0; j < words->count; j++)
			size += strlen(words->at[j]) + ROOM;
	}
	if (!size)
		return 0;
	/* Only the pages that are written to become memory. */
	env->text = memory_map(size, false);
	if (!env->text)
		return err_set(err, errno, "environment");
	for (int i = 0; i < SOURCES; i++) {
		if (add_source(env, &sources[i], words_of(service, &sources[i]),
			       err) < 0)
			return -1;
		if (i == 0)
			env->secrets = env->len;
	}
	return 0;
}

/* NAME=... for the same NAME, up to and including the equals sign. */
static bool same_name(const char *a, const char *b)
{
	while (*a && *a == *b && *a != '=')
		a++, b++;
	return *a == '=' && *b == '=';
}

/* The index of the setting of that name, or count. */
static size_t find(char *const *all, size_t count, const char *assignment)
{
	size_t i = 0;

	while (i < count && !same_name(all[i], assignment))
		i++;
	return i;
}

/* Set it, unless one of the first fixed does; returns the new count. */
static size_t put(char **all, size_t count, size_t fixed, char *assignment)
{
	size_t i = find(all, count, assignment);

	if (i >= fixed)
		all[i] = assignment;
	return i == count ? count + 1 : count;
}

static char *next(char *assignment)
{
	return assignment + strlen(assignment) + 1;
}

int environment_merge(struct environment *env, char ***envp,
		      const struct service *service, struct err *err)
{
	const struct service_words *words = &service->environment;
	size_t given = 0;
	size_t added = 0;

	*env = (struct environment){ 0 };
	if (read_files(env, service, err) < 0) {
		/* No errno: it would read as one of the program's file. */
		err->num = 0;
		return -1;
	}
	char *end = env->text + env->len;

	while ((*envp)[given])
		given++;
	for (size_t i = 0; i < words->count; i++)
		added += find(*envp, given, words->at[i]) == given;
	for (char *p = env->text; p < end; p = next(p))
		added++;
	if (!added)
		return 0;
	/* The engine's list has no bound, and there is no heap. */
	char **all = memory_map((given + added + 1) * sizeof(*all), false);

	if (!all)
		return err_set(err, errno, "environment");
	size_t count = given;

	memcpy(all, *envp, given * sizeof(*all));
	for (size_t i = 0; i < words->count; i++)
		count = put(all, count, given, words->at[i]);
	for (char *p = env->text; p < end; p = next(p))
		count = put(all, count,
			    p < env->text + env->secrets ? given : 0, p);
	*envp = all;
	return 0;
}

void environment_wipe(struct environment *env)
{
	/* memset(3) before the end of a program is what compilers drop. */
	explicit_bzero(env->text, env->len);
}
