#include "image/reader_set.h"

#include <string.h>

#include "base/err.h"
#include "image/media_type.h"
#include "image/reader.h"

enum { DEPTH_MAX = 3 };

static bool is_index(const json_t *entry)
{
	const char *type = reader_text(entry, "mediaType");

	return type && (strcmp(type, MEDIA_TYPE_INDEX) == 0 ||
			strcmp(type, MEDIA_TYPE_DOCKER_LIST) == 0);
}

bool reader_set_is_image(const json_t *entry)
{
	const json_t *platform = json_object_get(entry, "platform");
	const char *os = reader_text(platform, "os");

	/* Attestations of buildkit stand there as "unknown/unknown". */
	return !is_index(entry) && !json_object_get(entry, "artifactType") &&
	       !(os && strcmp(os, "unknown") == 0);
}

/* In index.json itself entries of two names are two images. */
static bool has_two_names(const json_t *index)
{
	const json_t *list = json_object_get(index, "manifests");
	json_t *names = json_array();
	bool differ = false;

	for (size_t i = 0; i < json_array_size(list); i++)
		reader_add_name(names, json_array_get(list, i));
	for (size_t i = 1; i < json_array_size(names); i++)
		differ |= !json_equal(json_array_get(names, 0),
				      json_array_get(names, i));
	json_decref(names);
	return differ;
}

/* Several entries of which one is an image, and none an index of more. */
static bool is_set(const json_t *index)
{
	const json_t *list = json_object_get(index, "manifests");
	size_t images = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (is_index(entry))
			return false;
		images += reader_set_is_image(entry);
	}
	return images && json_array_size(list) > 1;
}

/* Through indexes of one entry, each. */
static int descend(struct reader_set *set, const struct reader *reader,
		   struct err *err)
{
	for (int depth = 0; depth < DEPTH_MAX; depth++) {
		const json_t *list = json_object_get(set->index, "manifests");
		json_t *only = json_array_get(list, 0);
		struct reader_descriptor described;

		for (size_t i = 0; depth == 0 && i < json_array_size(list); i++)
			reader_add_name(set->names, json_array_get(list, i));
		if (json_array_size(list) != 1 || !is_index(only))
			return depth || !has_two_names(set->index)
				       ? is_set(set->index)
				       : 0;
		json_t *inner = reader_described(&described, reader, only, err);

		if (!inner)
			return -1;
		if (!set->entry)
			set->entry = json_incref(only);
		json_decref(set->index);
		set->index = inner;
	}
	return err_set(err, 0, "indexes nested too deeply");
}

int reader_set_open(struct reader_set *out, const struct reader *reader,
		    struct err *err)
{
	const struct reader_member *member = reader_find(reader, "index.json");

	*out = (struct reader_set){ .names = json_array() };
	if (!member)
		return 0;
	out->index = reader_json(reader, member, NULL, -1, err);
	return out->index ? descend(out, reader, err) : -1;
}

void reader_set_close(struct reader_set *set)
{
	json_decref(set->index);
	json_decref(set->entry);
	json_decref(set->names);
	*set = (struct reader_set){ 0 };
}
