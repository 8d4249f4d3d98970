/* Rules about the config: how the image is started, stopped and asked. */
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/num.h"
#include "image/accounts.h"
#include "image/lint_work.h"
#include "image/reader.h"

enum {
	LAYERS_MANY = 20,
	DOCKER_STOP_MS = 10000,
	KUBERNETES_STOP_MS = 30000,
	PORT_LOW = 1024,
};

static void check_user(struct lint *lint)
{
	const char *user = reader_text(lint->config, "User");
	const char *passwd = buf_slice(&lint->scan.passwd.bytes).at;
	const char *group = buf_slice(&lint->scan.group.bytes).at;
	struct slice name = slice_from(user ? user : "");
	struct slice rest = name;
	uint32_t number;
	struct err err;

	slice_cut(&name, &rest, ':');
	if (name.len && !num_u32(&number, name))
		lint_find(lint, LINT_USER_NAME, "", "%s", user);
	if (accounts_find(&lint->uid, &lint->gid, passwd, group,
			  slice_from(user ? user : ""), &err) < 0) {
		lint_find(lint, LINT_USER_UNKNOWN, "", "%s", err.text);
		lint->uid = lint->gid = UINT32_MAX;
	} else if (lint->uid && !accounts_has(passwd, lint->uid)) {
		lint_find(lint, LINT_USER_UNKNOWN, "", "%u", lint->uid);
	}
	/* Whom pith-init makes of root. */
	if (!lint->uid && lint->service.user.is_set &&
	    !lint->service.user.name) {
		lint->uid = lint->service.user.id;
		lint->gid = lint->service.group.is_set ? lint->service.group.id
						       : lint->uid;
	}
	if (!lint->uid)
		lint_find(lint, LINT_ROOT_USER, "", "User is %s%s%s",
			  user && *user ? "\"" : "",
			  user && *user ? user : "not set",
			  user && *user ? "\"" : "");
}

static void check_stop(struct lint *lint)
{
	const char *sig = reader_text(lint->config, "StopSignal");
	const struct service *service = &lint->service;
	uint64_t ms = service->timeout_stop_ms;
	bool is_late = __builtin_add_overflow(ms, service->forward_delay_ms,
					      &ms);

	if (sig &&
	    (strstr(sig, "KILL") || strstr(sig, "STOP") ||
	     strcmp(sig, "9") == 0 || strcmp(sig, "19") == 0) &&
	    !strstr(sig, "TSTP"))
		lint_find(lint, LINT_STOP_SIGNAL, "", "%s", sig);
	if (!lint->has_service)
		return;
	if (is_late || ms >= DOCKER_STOP_MS)
		lint_find(lint, LINT_STOP_TIMEOUT, "",
			  "after %llu ms, or never", (unsigned long long)ms);
	if (is_late || ms >= KUBERNETES_STOP_MS)
		lint_find(lint, LINT_STOP_TIMEOUT_KUBERNETES, "",
			  "after %llu ms, or never", (unsigned long long)ms);
}

static bool is_word_of(const char *name, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= len; i++)
		if (strncasecmp(name + i, word, n) == 0 &&
		    (!i || name[i - 1] == '_') &&
		    (i + n == len || name[i + n] == '_'))
			return true;
	return false;
}

/* By its name; a name of a file is none. */
static bool is_secret_name(const char *name, size_t len)
{
	static const char *const words[] = { "PASSWORD",   "PASSWD",
					     "SECRET",	   "TOKEN",
					     "APIKEY",	   "API_KEY",
					     "ACCESS_KEY", "PRIVATE_KEY" };

	if (is_word_of(name, len, "FILE") || is_word_of(name, len, "PATH"))
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (is_word_of(name, len, words[i]))
			return true;
	return false;
}

static void check_variable(struct lint *lint, const char *text,
			   const char *where)
{
	const char *equals = text ? strchr(text, '=') : NULL;

	/* Its value is nobody's business, not even a log's. */
	if (equals && equals[1] &&
	    is_secret_name(text, (size_t)(equals - text)))
		lint_find(lint, LINT_SECRET_ENV, "", "%.*s in %s",
			  (int)(equals - text), text, where);
}

static void check_environment(struct lint *lint)
{
	const json_t *env = json_object_get(lint->config, "Env");
	const struct service_words *words = &lint->service.environment;

	for (size_t i = 0; i < json_array_size(env); i++)
		check_variable(lint, json_string_value(json_array_get(env, i)),
			       "Env");
	for (size_t i = 0; i < words->count; i++)
		check_variable(lint, words->at[i], "Environment=");
}

static void check_ports(struct lint *lint)
{
	json_t *ports = json_object_get(lint->config, "ExposedPorts");

	for (void *i = json_object_iter(ports); i;
	     i = json_object_iter_next(ports, i)) {
		struct slice rest = slice_from(json_object_iter_key(i));
		struct slice number;
		uint32_t port;

		if (slice_cut(&number, &rest, '/') && num_u32(&port, number) &&
		    port < PORT_LOW && lint->uid)
			lint_find(lint, LINT_LOW_PORT, "", "%s",
				  json_object_iter_key(i));
	}
}

/* One time for all, and that at a day's begin, is no clock's. */
static bool is_of_build(const char *time)
{
	return time && !strstr(time, "T00:00:00Z");
}

static void check_times(struct lint *lint)
{
	const json_t *config = lint->image->config;
	const json_t *history = json_object_get(config, "history");
	const char *time = reader_text(config, "created");

	for (size_t i = 0; !is_of_build(time) && i < json_array_size(history);
	     i++)
		time = reader_text(json_array_get(history, i), "created");
	if (is_of_build(time))
		lint_find(lint, LINT_CREATED_TIME, "", "%s", time);
}

static void check_pith(struct lint *lint)
{
	if (!lint->scan.filter.is_there)
		lint_find(lint, LINT_NO_FILTER, "",
			  "no /etc/pith/service.bpf in it");
	if (lint->service.allow_exec)
		lint_find(lint, LINT_ALLOW_EXEC, "", "AllowExec=yes");
	if (lint->service.any_program)
		lint_find(lint, LINT_ANY_PROGRAM, "", "AnyProgram=yes");
}

void lint_config(struct lint *lint)
{
	const struct reader_image *image = lint->image;
	const char *arch = reader_text(image->config, "architecture");

	lint->config = json_object_get(image->config, "config");
	lint->arch = arch ? arch_by_name(slice_from(arch)) : NULL;
	if (!reader_find(lint->reader, "manifest.json"))
		lint_find(lint, LINT_OCI_ONLY, "", "an OCI layout alone");
	if (image->layer_count > LAYERS_MANY)
		lint_find(lint, LINT_MANY_LAYERS, "", "%zu",
			  image->layer_count);
	check_user(lint);
	check_stop(lint);
	check_environment(lint);
	check_ports(lint);
	check_times(lint);
	check_pith(lint);
}
