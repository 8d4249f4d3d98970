#include "image/manifest.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "arch/arch.h"
#include "base/err.h"
#include "image/layer.h"
#include "image/name.h"
#include "image/recipe.h"
#include "image/stack.h"

#define TYPE_CONFIG   "application/vnd.oci.image.config.v1+json"
#define TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define TYPE_INDEX    "application/vnd.oci.image.index.v1+json"

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

/*
 * jansson's constructors return NULL when a text is not UTF-8 or memory is
 * short, and what takes such a NULL fails in turn; so each document is built
 * without a question and checked once, here. Takes ownership of json.
 */
static int print(struct buf *out, json_t *json, const char *what,
		 struct err *err)
{
	char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS)
			  : NULL;

	json_decref(json);
	if (!text)
		return err_set(err, 0, "%s: a text that is not UTF-8", what);
	buf_text(out, text);
	free(text);
	return 0;
}

/* NULL instead of an object or array that could not be filled. */
static json_t *unless(int bad, json_t *json)
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
	return unless(bad, array);
}

/* {"a":{},"b":{}}, as the config writes sets. */
static json_t *set_of(const struct recipe_list *list)
{
	json_t *set = json_object();
	int bad = 0;

	for (size_t i = 0; i < list->count; i++)
		bad |= json_object_set_new(set, list->at[i], json_object());
	return unless(bad, set);
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
	bad |= json_object_set_new(labels, "pith.filter.status",
				   json_string(recipe->filter_status));
	return unless(bad, labels);
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
	return unless(bad, config);
}

static json_t *platform_of(const struct arch *arch)
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
	return unless(bad, history);
}

static json_t *diff_ids_of(const struct layer *layers, size_t count)
{
	json_t *diff_ids = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++)
		bad |= json_array_append_new(
			diff_ids, json_string(layers[i].diff_id.text));
	return unless(bad, diff_ids);
}

static json_t *document_of(const struct recipe *recipe,
			   const struct stack *stack,
			   const struct layer *layers)
{
	/* The platform's members and the rest are one object. */
	json_t *image = platform_of(recipe->arch);
	json_t *rest = json_pack("{s:o,s:s,s:o,s:{s:s,s:o}}", "config",
				 config_of(recipe), "created", MANIFEST_EPOCH,
				 "history", history_of(stack), "rootfs", "type",
				 "layers", "diff_ids",
				 diff_ids_of(layers, stack->count));
	int bad = json_object_update(image, rest);

	json_decref(rest);
	return unless(bad, image);
}

static json_t *descriptor(const char *type, const struct sum *sum,
			  uint64_t size)
{
	return json_pack("{s:s,s:s,s:I}", "mediaType", type, "digest",
			 sum->text, "size", (json_int_t)size);
}

static json_t *layers_of(const struct manifest_parts *parts)
{
	json_t *array = json_array();
	int bad = 0;

	for (size_t i = 0; i < parts->layer_count; i++) {
		const struct manifest_layer *layer = &parts->layers[i];

		bad |= json_array_append_new(
			array, descriptor(codec_media_type(layer->kind),
					  &layer->digest, layer->size));
	}
	return unless(bad, array);
}

/*
 * What registries and scanners read without the config: the standard's labels
 * as they are, and of its keys those that the image's name answers.
 */
static json_t *annotations_of(const struct manifest_parts *parts,
			      const struct sum *filter)
{
	static const char prefix[] = "org.opencontainers.image.";
	json_t *labels = json_object_get(
		json_object_get(parts->config, "config"), "Labels");
	json_t *all = json_object();
	int bad = 0;

	bad |= json_object_set_new(all, "org.opencontainers.image.title",
				   json_string(name_base(parts->name)));
	if (strcmp(parts->tag, "latest") != 0)
		bad |= json_object_set_new(all,
					   "org.opencontainers.image.version",
					   json_string(parts->tag));
	const char *key;
	json_t *value;

	json_object_foreach(
		labels, key,
		value) if (strncmp(key, prefix, sizeof(prefix) - 1) == 0)
		bad |= json_object_set(all, key, value);
	if (filter)
		bad |= json_object_set_new(all, "pith.filter.digest",
					   json_string(filter->text)) |
		       json_object_set_new(all, "pith.filter.status",
					   json_string(parts->filter_status));
	return unless(bad, all);
}

static int make_manifest(struct manifest *out,
			 const struct manifest_parts *parts,
			 json_t *annotations, struct err *err)
{
	json_t *json = json_pack(
		"{s:i,s:s,s:o,s:o,s:o}", "schemaVersion", 2, "mediaType",
		TYPE_MANIFEST, "config",
		descriptor(TYPE_CONFIG, &out->config_sum, out->config.len),
		"layers", layers_of(parts), "annotations", annotations);

	if (print(&out->manifest, json, "image manifest", err) < 0)
		return -1;
	out->manifest_sum = sum_of(buf_slice(&out->manifest));
	return 0;
}

/* index.json: a document of that type, with more of its descriptor's members. */
static int make_index(struct manifest *out, const char *type, json_t *more,
		      const char *name, const char *tag, struct err *err)
{
	auto_buf struct buf reference = { 0 };
	json_t *image = descriptor(type, &out->manifest_sum, out->manifest.len);

	/* Both names: with the tag alone podman and ctr would invent the rest. */
	name_reference(&reference, name, tag);
	int bad = json_object_set_new(
		more, "annotations",
		json_pack("{s:s,s:s}", "io.containerd.image.name", reference.at,
			  "org.opencontainers.image.ref.name", tag));

	bad |= json_object_update(image, more);
	json_decref(more);
	image = unless(bad, image);
	return print(&out->index,
		     json_pack("{s:i,s:s,s:[o]}", "schemaVersion", 2,
			       "mediaType", TYPE_INDEX, "manifests", image),
		     "image index", err);
}

static int make_docker(struct manifest *out, const struct manifest_parts *parts,
		       struct err *err)
{
	auto_buf struct buf config = { 0 };
	auto_buf struct buf tag = { 0 };
	json_t *layers = json_array();

	for (size_t i = 0; i < parts->layer_count; i++) {
		auto_buf struct buf blob = { 0 };

		manifest_blob_path(&blob, &parts->layers[i].digest);
		json_array_append_new(layers, json_string(blob.at));
	}
	manifest_blob_path(&config, &out->config_sum);
	buf_fmt(&tag, "%s:%s", parts->name, parts->tag);
	return print(&out->docker,
		     json_pack("[{s:s,s:[s],s:o}]", "Config", config.at,
			       "RepoTags", tag.at, "Layers", layers),
		     "manifest.json", err);
}

int manifest_assemble(struct manifest *out, const struct manifest_parts *parts,
		      const struct sum *filter, struct err *err)
{
	json_t *annotations = annotations_of(parts, filter);

	*out = (struct manifest){ 0 };
	if (print(&out->config, parts->config, "image config", err) < 0) {
		json_decref(annotations);
		return -1;
	}
	out->config_sum = sum_of(buf_slice(&out->config));
	if (make_manifest(out, parts, annotations, err) < 0 ||
	    make_index(out, TYPE_MANIFEST,
		       json_pack("{s:o}", "platform", platform_of(parts->arch)),
		       parts->name, parts->tag, err) < 0)
		return -1;
	return make_docker(out, parts, err);
}

int manifest_make(struct manifest *out, const struct recipe *recipe,
		  const struct stack *stack, const struct layer *layers,
		  const struct sum *filter, struct err *err)
{
	struct manifest_layer packed[PLAN_LAYERS];

	for (size_t i = 0; i < stack->count; i++)
		packed[i] = (struct manifest_layer){ layers[i].digest,
						     layers[i].size,
						     layers[i].kind };
	return manifest_assemble(
		out,
		&(struct manifest_parts){
			.config = document_of(recipe, stack, layers),
			.arch = recipe->arch,
			.layers = packed,
			.layer_count = stack->count,
			.name = recipe->name,
			.tag = recipe->tag,
			.filter_status = recipe->filter_status },
		filter, err);
}

/* What the index says of each platform's manifest. */
static json_t *platforms_of(const struct manifest *parts,
			    const struct arch *const *archs, size_t count)
{
	json_t *list = json_array();
	int bad = 0;

	for (size_t i = 0; i < count; i++) {
		json_t *one = descriptor(TYPE_MANIFEST, &parts[i].manifest_sum,
					 parts[i].manifest.len);

		bad |= json_object_set_new(one, "platform",
					   platform_of(archs[i]));
		bad |= json_array_append_new(list, one);
	}
	return unless(bad, list);
}

int manifest_join(struct manifest *out, const struct manifest *parts,
		  const struct arch *const *archs, size_t count,
		  const struct recipe *recipe, struct err *err)
{
	const struct manifest *own = &parts[0];
	json_t *list = platforms_of(parts, archs, count);

	*out = (struct manifest){ 0 };
	for (size_t i = 0; i < count; i++)
		if (archs[i] == arch_host())
			own = &parts[i];
	buf_text(&out->docker, own->docker.at);
	if (print(&out->manifest,
		  json_pack("{s:i,s:s,s:o}", "schemaVersion", 2, "mediaType",
			    TYPE_INDEX, "manifests", list),
		  "image index", err) < 0)
		return -1;
	out->manifest_sum = sum_of(buf_slice(&out->manifest));
	return make_index(out, TYPE_INDEX, json_object(), recipe->name,
			  recipe->tag, err);
}

void manifest_free(struct manifest *manifest)
{
	buf_free(&manifest->config);
	buf_free(&manifest->manifest);
	buf_free(&manifest->index);
	buf_free(&manifest->docker);
}

void manifest_blob_path(struct buf *out, const struct sum *sum)
{
	buf_text(out, "blobs/sha256/");
	buf_text(out, sum_hex(sum));
}
