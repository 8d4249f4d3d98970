/* An image's config, and what both kinds of documents need. */
#include <string.h>

#include "base/err.h"
#include "image/verify_work.h"

int verify_check_text(const json_t *object, const char *key, const char *text,
		      struct err *err)
{
	const char *is = reader_text(object, key);

	if (is && strcmp(is, text) == 0)
		return 0;
	return err_set(err, 0, "%s is %s%s%s, not \"%s\"", key, is ? "\"" : "",
		       is ? is : "missing", is ? "\"" : "", text);
}

/* A member by name as JSON; its faults are noted and NULL returned. */
json_t *verify_read(struct verify_work *work, const char *name)
{
	const struct reader_member *member = reader_find(work->reader, name);
	struct err err;

	verify_use(work, member);
	json_t *json = reader_json(work->reader, member, NULL, -1, &err);

	verify_note(work, json ? 0 : -1, "", &err);
	work->is_partial |= !json;
	return json;
}

static int check_platform(const json_t *config, const json_t *platform,
			  const char *key, struct err *err)
{
	const char *has = reader_text(config, key);
	const char *said = reader_text(platform, key);

	if (!has || !*has)
		return err_set(err, 0, "%s is missing", key);
	if (said && strcmp(has, said) != 0)
		return err_set(err, 0, "%s is %s, the index says %s", key, has,
			       said);
	return 0;
}

static size_t count_history(const json_t *config)
{
	const json_t *history = json_object_get(config, "history");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(history); i++)
		count += !json_is_true(json_object_get(
			json_array_get(history, i), "empty_layer"));
	return count;
}

/* As many diff_ids as layers, each a digest; no more history than layers. */
static int check_layer_count(const json_t *config, size_t layers,
			     struct err *err)
{
	const json_t *rootfs = json_object_get(config, "rootfs");
	const json_t *diff_ids = json_object_get(rootfs, "diff_ids");

	if (verify_check_text(rootfs, "type", "layers", err) < 0)
		return err_wrap(err, "rootfs");
	if (json_array_size(diff_ids) != layers)
		return err_set(err, 0, "%zu diff_ids for %zu layers",
			       json_array_size(diff_ids), layers);
	for (size_t i = 0; i < layers; i++) {
		const char *id = json_string_value(json_array_get(diff_ids, i));

		if (!id || !sum_is_valid(id))
			return err_set(err, 0, "diff_id %zu is no digest", i);
	}
	if (count_history(config) > layers)
		return err_set(err, 0,
			       "history tells of %zu layers, there are "
			       "%zu",
			       count_history(config), layers);
	return 0;
}

void verify_config(struct verify_work *work, const json_t *config,
		   const json_t *platform, size_t layers, const char *where)
{
	struct err err;

	verify_note(work, check_platform(config, platform, "os", &err), where,
		    &err);
	verify_note(work,
		    check_platform(config, platform, "architecture", &err),
		    where, &err);
	verify_note(work, check_layer_count(config, layers, &err), where, &err);
}

const char *verify_diff_id(const json_t *config, size_t i)
{
	const json_t *rootfs = json_object_get(config, "rootfs");
	const char *id = json_string_value(
		json_array_get(json_object_get(rootfs, "diff_ids"), i));

	return id && sum_is_valid(id) ? id : NULL;
}
