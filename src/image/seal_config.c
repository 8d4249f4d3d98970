/* The config of a sealed image; seal.c has its archive. */
#include <signal.h>
#include <string.h>

#include "base/err.h"
#include "data/service.h"
#include "data/signal.h"
#include "image/accounts.h"
#include "image/manifest.h"
#include "image/reader.h"
#include "image/recipe.h"
#include "image/scan.h"
#include "image/seal.h"
#include "image/start.h"

/* By name or number, in the image's own files. */
static int find(uint32_t *uid, uint32_t *gid, const struct scan *scan,
		const char *user, const char *group, struct err *err)
{
	auto_buf struct buf text = { 0 };

	buf_fmt(&text, "%s%s%s", user, group ? ":" : "", group ? group : "");
	return accounts_find(uid, gid, buf_slice(&scan->passwd.bytes).at,
			     buf_slice(&scan->group.bytes).at, buf_slice(&text),
			     err);
}

static int find_group(struct service_id *group, const struct scan *scan,
		      struct err *err)
{
	uint32_t uid;

	if (!group->name)
		return 0;
	int result = find(&uid, &group->id, scan, "0", group->name, err);

	group->name = NULL;
	return result;
}

/* User= and Group= of --service; without a group as pith-service(5) says. */
static int resolve_user(struct service *service, const struct scan *scan,
			struct err *err)
{
	struct service_id *user = &service->user;
	uint32_t gid = user->id;

	if (user->name) {
		if (find(&user->id, &gid, scan, user->name, NULL, err) < 0)
			return err_wrap(err, "User");
		user->name = NULL;
	} else if (accounts_has(buf_slice(&scan->passwd.bytes).at, user->id)) {
		auto_buf struct buf number = { 0 };

		buf_fmt(&number, "%u", user->id);
		if (find(&user->id, &gid, scan, number.at, NULL, err) < 0)
			return err_wrap(err, "User");
	}
	if (!service->group.is_set)
		service->group = (struct service_id){ .is_set = true,
						      .id = gid };
	return 0;
}

/* The config's user, as engines find it; none is root, and stays none. */
static int take_user(struct service *service, const json_t *config,
		     const struct scan *scan, struct err *err)
{
	const char *user = reader_text(config, "User");

	if (!user || !*user)
		return 0;
	if (find(&service->user.id, &service->group.id, scan, user, NULL, err) <
	    0)
		return err_wrap(err, "User");
	service->user.is_set = service->group.is_set = true;
	return 0;
}

static int take_words(struct service *service, const json_t *words,
		      struct err *err)
{
	size_t count = json_array_size(words);

	if (service->exec.count)
		return 0;
	if (!count)
		return err_set(err, 0,
			       "its config starts nothing: name the "
			       "program in ExecStart= of --service");
	if (count > SERVICE_WORDS_MAX)
		return err_set(err, 0,
			       "%zu words in its command, allowed are "
			       "%d",
			       count, SERVICE_WORDS_MAX);
	for (size_t i = 0; i < count; i++)
		service->exec.at[i] = (char *)(uintptr_t)json_string_value(
			json_array_get(words, i));
	service->exec.count = count;
	return 0;
}

/* pith-init stops what SIGTERM asks it to stop, by the signal of its own. */
static int take_signal(struct service *service, const json_t *config,
		       struct err *err)
{
	const char *name = reader_text(config, "StopSignal");
	int sig = name && *name ? signal_number(slice_from(name)) : SIGTERM;

	if (sig < 0)
		return err_set(err, 0, "StopSignal %s: unknown", name);
	if (!service->kill_signal && sig != SIGTERM)
		service->kill_signal = (uint8_t)sig;
	return 0;
}

static int check_shell(const struct service *service, struct err *err)
{
	const char *name = service->exec.at[0];

	if (!start_is_shell(name) || service->allow_exec)
		return 0;
	return err_set(err, 0,
		       "%s%s: a shell starts its program, but a sealed program "
		       "starts once and starts no other; write ENTRYPOINT "
		       "[\"/program\", \"argument\"] instead of the shell "
		       "form, name the program in ExecStart= of --service, or "
		       "set AllowExec=yes there",
		       name,
		       service->exec.count > 1 &&
				       strcmp(service->exec.at[1], "-c") == 0
			       ? " -c"
			       : "");
}

int seal_service(struct service *service, const json_t *config,
		 const json_t *words, const struct scan *scan, struct err *err)
{
	int result = service->user.is_set
			     ? resolve_user(service, scan, err)
			     : take_user(service, config, scan, err);

	if (result < 0)
		return -1;
	if (find_group(&service->group, scan, err) < 0)
		return err_wrap(err, "Group");
	for (size_t i = 0; i < service->group_count; i++)
		if (find_group(&service->groups[i], scan, err) < 0)
			return err_wrap(err, "SupplementaryGroups");
	if (take_words(service, words, err) < 0 ||
	    check_shell(service, err) < 0)
		return -1;
	return take_signal(service, config, err);
}

static json_t *words_from(const struct service_words *words, size_t first,
			  size_t count)
{
	json_t *array = json_array();

	for (size_t i = first; i < count; i++)
		json_array_append_new(array, json_string(words->at[i]));
	return array;
}

/* As start_words takes them: what is no text is nothing. */
static size_t count_texts(const json_t *array)
{
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(array); i++)
		count += json_is_string(json_array_get(array, i));
	return count;
}

/*
 * Entrypoint keeps its words behind /init, and Cmd stays, so that arguments
 * of docker run go on to replace what they did. The program itself must be in
 * Entrypoint: the filter is for no other.
 */
static void set_command(json_t *config, const struct service *service,
			const json_t *words)
{
	size_t fixed = count_texts(json_object_get(config, "Entrypoint"));
	const struct service_words *exec = &service->exec;
	json_t *entrypoint = json_pack("[s,s]", "/init", "--");
	json_t *own;

	/* Another program by ExecStart=: its arguments are the defaults. */
	if (exec->count != json_array_size(words) || !fixed)
		fixed = 1;
	for (size_t i = 1; i < exec->count && fixed > 1; i++)
		if (strcmp(exec->at[i],
			   json_string_value(json_array_get(words, i))) != 0)
			fixed = 1;
	own = words_from(exec, 0, fixed);
	json_array_extend(entrypoint, own);
	json_decref(own);
	json_object_set_new(config, "Entrypoint", entrypoint);
	json_object_del(config, "Cmd");
	if (exec->count > fixed)
		json_object_set_new(config, "Cmd",
				    words_from(exec, fixed, exec->count));
}

/* Environment= on top: as pith build, in both places. */
static void set_environment(json_t *config, const struct service *service)
{
	const struct service_words *words = &service->environment;
	json_t *env = json_object_get(config, "Env");

	if (!words->count)
		return;
	if (!json_is_array(env)) {
		json_object_set_new(config, "Env", json_array());
		env = json_object_get(config, "Env");
	}
	for (size_t i = 0; i < words->count; i++) {
		size_t len =
			(size_t)(strchr(words->at[i], '=') - words->at[i]) + 1;

		for (size_t k = json_array_size(env); k-- > 0;) {
			const char *old = json_string_value(
				json_array_get(env, k));

			if (old && strncmp(old, words->at[i], len) == 0)
				json_array_remove(env, k);
		}
		json_array_append_new(env, json_string(words->at[i]));
	}
}

static void set_rest(json_t *config, const struct service *service)
{
	auto_buf struct buf user = { 0 };

	if (service->user.is_set) {
		buf_fmt(&user, "%u:%u", service->user.id, service->group.id);
		json_object_set_new(config, "User", json_string(user.at));
	}
	json_object_set_new(config, "StopSignal", json_string("SIGTERM"));
	if (service->directory)
		json_object_set_new(config, "WorkingDir",
				    json_string(service->directory));
	if (service->health_check)
		json_object_set_new(config, "Healthcheck",
				    manifest_health(service));
}

/* The member as that type, replaced by an empty one where it is none. */
static json_t *member(json_t *object, const char *key, json_t *empty)
{
	json_t *value = json_object_get(object, key);

	if (value && json_typeof(value) == json_typeof(empty)) {
		json_decref(empty);
		return value;
	}
	json_object_set_new(object, key, empty);
	return empty;
}

json_t *seal_config(const struct reader_image *image,
		    const struct recipe *recipe, const struct sum *diff_id)
{
	const struct service *service = &recipe->service;
	json_t *document = json_deep_copy(image->config);
	json_t *words = start_words(json_object_get(image->config, "config"));
	json_t *config = member(document, "config", json_object());

	set_command(config, service, words);
	set_environment(config, service);
	set_rest(config, service);
	manifest_label_filter(member(config, "Labels", json_object()),
			      &recipe->filter);
	json_array_append_new(
		json_object_get(json_object_get(document, "rootfs"),
				"diff_ids"),
		json_string(diff_id->text));
	json_array_append_new(member(document, "history", json_array()),
			      json_pack("{s:s,s:s}", "created", MANIFEST_EPOCH,
					"created_by", "pith seal"));
	json_decref(words);
	return document;
}
