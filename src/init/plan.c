#include "init/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "arch/native.h"
#include "base/err.h"
#include "base/io.h"
#include "base/slice.h"
#include "init/options.h"
#include "init/program.h"
#include "kernel/memory.h"

#define CONF_PATH "/etc/pith/service.conf"
#define BLOB_PATH "/etc/pith/service.bpf"

/*
 * Read a file of at most cap - 1 bytes. Returns its length; 0 with *found
 * false where there is none; -1 where there is one that cannot be had whole.
 */
static ssize_t load(char *buf, size_t cap, const char *path, bool *found,
		    struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	*found = fd >= 0;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return err_set(err, errno, "%s", path);
	ssize_t len = io_read(fd, buf, cap);
	int failure = errno;

	close(fd);
	if (len < 0)
		return err_set(err, failure, "%s", path);
	if ((size_t)len == cap)
		return err_set(err, 0, "%s: over-long: more than %zu bytes",
			       path, cap - 1);
	return len;
}

static int read_conf(struct plan *plan, struct err *err)
{
	bool found;
	ssize_t len = load(plan->text, sizeof(plan->text), CONF_PATH, &found,
			   err);

	if (len < 0)
		return -1;
	/* All other defaults are zero, and so is the plan. */
	plan->service.timeout_stop_ms = SERVICE_STOP_MS;
	if (!found)
		return 0;
	plan->is_hardened = true;
	if (service_read(&plan->service, plan->text, (size_t)len, err) < 0)
		return err_wrap(err, "%s", CONF_PATH);
	return 0;
}

static int apply_settings(struct plan *plan, const struct options *options,
			  struct err *err)
{
	for (size_t i = 0; i < options->setting_count; i++) {
		char *setting = options->settings[i];
		char *value = strchr(setting, '=') + 1;
		struct slice key = { setting, (size_t)(value - setting - 1) };

		if (service_tighten(&plan->service, key, value, strlen(value),
				    err) < 0)
			return err_wrap(err, "-o");
	}
	return 0;
}

/* The filter is optional only where service.conf does not ask for one. */
static int read_filter(struct plan *plan, struct err *err)
{
	bool found;
	ssize_t len = load(plan->blob, sizeof(plan->blob), BLOB_PATH, &found,
			   err);

	if (len < 0)
		return -1;
	if (!found && plan->service.filter.count)
		return err_set(err, 0,
			       "%s: missing, and SystemCallFilter= is "
			       "set",
			       BLOB_PATH);
	if (!found)
		return 0;
	plan->is_hardened = true;
	plan->has_filter = true;
	if (filter_parse(&plan->filter, plan->blob, (size_t)len, err) < 0)
		return err_wrap(err, "%s", BLOB_PATH);
	if (plan->filter.audit != arch_native_audit)
		return err_set(err, 0,
			       "%s: made for architecture 0x%x, this "
			       "is " ARCH_NATIVE_NAME " (0x%x)",
			       BLOB_PATH, plan->filter.audit,
			       arch_native_audit);
	return 0;
}

static int choose_command(struct plan *plan, const struct options *options,
			  struct err *err)
{
	plan->argv = options->command;
	if (plan->argv[0])
		return 0;
	/* words past count are zero: the list ends itself. */
	plan->argv = plan->service.exec.at;
	if (!plan->service.exec.count)
		return err_set(err, 0,
			       "no program: name one after --, or set "
			       "ExecStart= in " CONF_PATH);
	if (plan->service.exec.count == SERVICE_WORDS_MAX)
		return err_set(err, 0, "ExecStart: too many words");
	return 0;
}

/* NAME=... for the same NAME, up to and including the equals sign. */
static bool same_name(const char *a, const char *b)
{
	while (*a && *a == *b && *a != '=')
		a++, b++;
	return *a == '=' && *b == '=';
}

static bool is_given(char *const *envp, const char *assignment)
{
	for (; *envp; envp++)
		if (same_name(*envp, assignment))
			return true;
	return false;
}

/* Environment= fills in what the engine did not set; the engine wins. */
static int merge_environment(struct plan *plan, char **envp, struct err *err)
{
	const struct service_words *words = &plan->service.environment;
	size_t given = 0;
	size_t missing = 0;

	plan->envp = envp;
	if (!words->count)
		return 0;
	while (envp[given])
		given++;
	for (size_t i = 0; i < words->count; i++)
		missing += !is_given(envp, words->at[i]);
	if (!missing)
		return 0;
	/* The engine's list has no bound, and there is no heap. */
	char **all = memory_map((given + missing + 1) * sizeof(*all), false);

	if (!all)
		return err_set(err, errno, "environment");
	memcpy(all, envp, given * sizeof(*all));
	for (size_t i = 0; i < words->count; i++)
		if (!is_given(envp, words->at[i]))
			all[given++] = words->at[i];
	plan->envp = all;
	return 0;
}

static int require_number(const struct service_id *id, const char *key,
			  struct err *err)
{
	if (!id->name)
		return 0;
	return err_set(err, 0,
		       "%s: '%s' is a name; names are resolved when "
		       "the image is built, write its number",
		       key, id->name);
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
		plan->notes_user = plan->uid != s->user.id;
		return 0;
	}
	plan->changes_ids = true;
	return 0;
}

int plan_make(struct plan *plan, const struct options *options, char **envp,
	      struct err *err)
{
	plan->is_pid1 = getpid() == 1;
	if (read_conf(plan, err) < 0 ||
	    apply_settings(plan, options, err) < 0 ||
	    read_filter(plan, err) < 0 ||
	    choose_command(plan, options, err) < 0 ||
	    merge_environment(plan, envp, err) < 0 || plan_ids(plan, err) < 0)
		return -1;
	plan->path = program_find(plan->path_buf, plan->argv[0], plan->envp,
				  err);
	if (!plan->path)
		return -1;
	if (!plan->has_filter || plan->service.any_program)
		return 0;
	return program_check(&plan->filter, plan->path, err);
}
