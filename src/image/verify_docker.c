/* What manifest.json leads to; verify.c has the bytes. */
#include <string.h>

#include "base/err.h"
#include "image/name.h"
#include "image/verify_work.h"

/* A member that manifest.json names. */
static const struct reader_member *find_named(struct verify_work *work,
					      const json_t *json,
					      const char *what)
{
	const char *name = json_string_value(json);
	const struct reader_member *member = name ? reader_find(work->reader,
								name)
						  : NULL;
	struct err err;

	if (member) {
		verify_use(work, member);
		return member;
	}
	if (name)
		err_set(&err, 0, "%s %s is not in the archive", what, name);
	else
		err_set(&err, 0, "%s is not named", what);
	verify_note(work, -1, "manifest.json", &err);
	return NULL;
}

/* Every tag must be a name of the index, where that gives any. */
static int check_tag(const struct verify_work *work, const char *tag,
		     struct err *err)
{
	auto_buf struct buf full = { 0 };
	const char *colon = tag ? strrchr(tag, ':') : NULL;

	if (!colon || strchr(colon, '/'))
		return err_set(err, 0, "a tag that is no NAME:TAG");
	auto_buf struct buf name = { 0 };

	buf_add(&name, tag, (size_t)(colon - tag));
	name_reference(&full, buf_slice(&name).at, colon + 1);
	if (!json_object_size(work->names) ||
	    json_object_get(work->names, full.at))
		return 0;
	return err_set(err, 0, "its tag %s is no name of index.json", tag);
}

static void check_tags(struct verify_work *work, const json_t *entry)
{
	const json_t *tags = json_object_get(entry, "RepoTags");
	struct err err;

	for (size_t i = 0; i < json_array_size(tags); i++)
		verify_note(
			work,
			check_tag(work,
				  json_string_value(json_array_get(tags, i)),
				  &err),
			"manifest.json", &err);
}

/* The same image as one of the index: equal config, equal layers. */
static int check_agreement(const struct verify_work *work, const json_t *image,
			   struct err *err)
{
	size_t count = json_array_size(work->images);

	for (size_t i = 0; i < count; i++)
		if (json_equal(json_array_get(work->images, i), image))
			return 0;
	if (!count || work->is_partial)
		return 0;
	return err_set(err, 0,
		       "its config and layers are those of no image in "
		       "index.json");
}

/* Where the index has the image its layers were checked by that. */
static void check_docker_layers(struct verify_work *work, const json_t *layers,
				const json_t *config, json_t *image)
{
	for (size_t i = 0; i < json_array_size(layers); i++) {
		const struct reader_member *member = find_named(
			work, json_array_get(layers, i), "the layer");

		if (!member)
			continue;
		json_array_append_new(image, json_string(member->name));
		if (config)
			verify_one_layer(
				work, &(struct verify_layer){
					      member, verify_diff_id(config, i),
					      NULL });
	}
}

/* The config of an image that no index describes. */
static json_t *read_docker_config(struct verify_work *work,
				  const struct reader_member *member,
				  size_t layers)
{
	struct err err;
	json_t *config = reader_json(work->reader, member, NULL, -1, &err);

	work->out->images++;
	verify_note(work, config ? 0 : -1, "", &err);
	if (config)
		verify_config(work, config, NULL, layers, member->name);
	return config;
}

static void check_docker_image(struct verify_work *work, const json_t *entry,
			       bool is_alone)
{
	const json_t *layers = json_object_get(entry, "Layers");
	const struct reader_member *member = find_named(
		work, json_object_get(entry, "Config"), "the config");
	json_t *image = json_array();
	json_t *config = NULL;
	struct err err;

	if (member)
		json_array_append_new(image, json_string(member->name));
	if (member && is_alone)
		config = read_docker_config(work, member,
					    json_array_size(layers));
	check_docker_layers(work, layers, config, image);
	verify_note(work, check_agreement(work, image, &err), "manifest.json",
		    &err);
	check_tags(work, entry);
	json_decref(image);
	json_decref(config);
}

void verify_docker(struct verify_work *work)
{
	bool is_alone = !reader_find(work->reader, "index.json");
	json_t *list = verify_read(work, "manifest.json");
	struct err err;

	if (list && !json_array_size(list)) {
		err_set(&err, 0, "lists no image");
		verify_note(work, -1, "manifest.json", &err);
	}
	for (size_t i = 0;
	     i < json_array_size(list) && i < VERIFY_DOCUMENTS_MAX; i++)
		check_docker_image(work, json_array_get(list, i), is_alone);
	json_decref(list);
}
