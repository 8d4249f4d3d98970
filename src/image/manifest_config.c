#include "image/manifest_config.h"

#include <string.h>

#include "arch/arch.h"
#include "image/layer.h"
#include "image/manifest.h"
#include "image/recipe.h"
#include "image/stack.h"

/*
 * How docker asks: the probe gives up, with its reason, before docker does.
 * Every second at the start, for five seconds in which a failure is none.
 */
enum {
	HEALTH_INTERVAL_S = 10,
	HEALTH_TIMEOUT_S = 4,
	HEALTH_START_S = 5,
	HEALTH_START_INTERVAL_S = 1,
	HEALTH_RETRIES = 3,
};

json_t *manifest_unless(int bad, json_t *json)
{
	if (!bad)
		return json;
	json_decref(json);
	return NULL;
}

static json_t *texts(char *const *at, size_t count)
{
	json_t *array = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++)
		bad |= json_array_append_new(array, json_string(at[i]));
	return manifest_unless(bad, array);
}

/* {"a":{},"b":{}}, as the config writes sets. */
static json_t *set_of(const struct recipe_list *list)
{
	json_t *set = json_object();
	int bad = 0;

	for (size_t i = 0; i < list->count; i++)
		bad |= json_object_set_new(set, list->at[i], json_object());
	return manifest_unless(bad, set);
}

int manifest_label_filter(json_t *labels, const struct recipe_filter *filter)
{
	const struct {
		const char *key, *value;
	} all[] = {
		{ "pith.filter.status", filter->status },
		{ MANIFEST_DERIVED, filter->derived },
		{ MANIFEST_TRACED, filter->traced },
	};
	int bad = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i].value)
			bad |= json_object_set_new(labels, all[i].key,
						   json_string(all[i].value));
		else
			json_object_del(labels, all[i].key);
	return bad;
}

static json_t *labels_of(const struct recipe *recipe)
{
	const struct recipe_list *list = &recipe->labels;
	json_t *labels = json_object();
	int bad = 0;

	for (size_t i = 0; i < list->count; i++) {
		const char *equals = strchr(list->at[i], '=');

		bad |= json_object_setn_new(labels, list->at[i],
					    (size_t)(equals - list->at[i]),
					    json_string(equals + 1));
	}
	/* Last: nobody else says it. */
	bad |= manifest_label_filter(labels, &recipe->filter);
	return manifest_unless(bad, labels);
}

/* Add a member unless it is empty; takes ownership. */
static int set_unless_empty(json_t *object, const char *key, json_t *value)
{
	if (value && !json_array_size(value) && !json_object_size(value)) {
		json_decref(value);
		return 0;
	}
	return json_object_set_new(object, key, value);
}

/*
 * The program is an argument of /init, so that "docker run IMAGE --flag" and
 * a pod's args: replace the arguments and nothing else.
 */
static json_t *entrypoint_of(const struct service *service)
{
	return json_pack("[s,s,s]", "/init", "--", service->exec.at[0]);
}

static json_t *seconds(int count)
{
	return json_integer((json_int_t)count * 1000000000);
}

json_t *manifest_health(const struct service *service)
{
	return json_pack("{s:[s,s,s,s],s:o,s:o,s:o,s:o,s:i}", "Test", "CMD",
			 "/init", "--probe", service->health_check, "Interval",
			 seconds(HEALTH_INTERVAL_S), "Timeout",
			 seconds(HEALTH_TIMEOUT_S), "StartPeriod",
			 seconds(HEALTH_START_S), "StartInterval",
			 seconds(HEALTH_START_INTERVAL_S), "Retries",
			 HEALTH_RETRIES);
}

static json_t *config_of(const struct recipe *recipe)
{
	const struct service *service = &recipe->service;
	const struct service_words *exec = &service->exec;
	struct buf user = { 0 };

	/* A number, for runAsNonRoot; the group, to need no /etc/passwd. */
	buf_fmt(&user, "%u:%u", service->user.id, service->group.id);
	json_t *config = json_pack("{s:s,s:s,s:o}", "User", user.at,
				   "StopSignal", "SIGTERM", "Entrypoint",
				   entrypoint_of(service));

	buf_free(&user);
	if (!config)
		return NULL;
	int bad = set_unless_empty(config, "Cmd",
				   texts(exec->at + 1, exec->count - 1)) |
		  set_unless_empty(config, "Env",
				   texts(service->environment.at,
					 service->environment.count)) |
		  set_unless_empty(config, "ExposedPorts",
				   set_of(&recipe->expose)) |
		  set_unless_empty(config, "Volumes",
				   set_of(&recipe->volumes)) |
		  set_unless_empty(config, "Labels", labels_of(recipe));

	if (!bad && service->directory)
		bad = json_object_set_new(config, "WorkingDir",
					  json_string(service->directory));
	if (!bad && service->health_check)
		bad = json_object_set_new(config, "Healthcheck",
					  manifest_health(service));
	return manifest_unless(bad, config);
}

json_t *manifest_platform(const struct arch *arch)
{
	json_t *platform = json_pack("{s:s,s:s}", "architecture", arch->oci,
				     "os", "linux");

	if (platform && arch->variant)
		json_object_set_new(platform, "variant",
				    json_string(arch->variant));
	return platform;
}

static json_t *history_of(const struct stack *stack)
{
	json_t *history = json_array();
	int bad = 0;

	for (size_t i = 0; i < stack->count; i++) {
		const char *name = stack_name(stack, i);
		auto_buf struct buf text = { 0 };

		buf_fmt(&text, "pith build%s%s", name ? ": " : "",
			name ? name : "");
		bad |= json_array_append_new(history,
					     json_pack("{s:s,s:s}", "created",
						       MANIFEST_EPOCH,
						       "created_by", text.at));
	}
	return manifest_unless(bad, history);
}

static json_t *diff_ids_of(const struct layer *layers, size_t count)
{
	json_t *diff_ids = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++)
		bad |= json_array_append_new(
			diff_ids, json_string(layers[i].diff_id.text));
	return manifest_unless(bad, diff_ids);
}

json_t *manifest_config(const struct recipe *recipe, const struct stack *stack,
			const struct layer *layers)
{
	/* The platform's members and the rest are one object. */
	json_t *image = manifest_platform(recipe->arch);
	json_t *rest = json_pack("{s:o,s:s,s:o,s:{s:s,s:o}}", "config",
				 config_of(recipe), "created", MANIFEST_EPOCH,
				 "history", history_of(stack), "rootfs", "type",
				 "layers", "diff_ids",
				 diff_ids_of(layers, stack->count));
	int bad = json_object_update(image, rest);

	json_decref(rest);
	return manifest_unless(bad, image);
}
