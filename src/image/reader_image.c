/* From an archive's JSON to one image; reader.c has the archive itself. */
#include "image/reader.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/err.h"

enum { INDEX_DEPTH_MAX = 3 };

const char reader_no_image[] = "no image archive (neither index.json nor "
			       "manifest.json in it)";

const char *reader_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static char *copy_text(const char *text)
{
	return text ? mem_text(slice_from(text)) : NULL;
}

int reader_describe(struct reader_descriptor *out, const struct reader *reader,
		    const json_t *json, struct err *err)
{
	auto_buf struct buf path = { 0 };
	const json_t *size = json_object_get(json, "size");

	*out = (struct reader_descriptor){ 0 };
	out->digest = reader_text(json, "digest");
	if (!out->digest || !sum_is_valid(out->digest))
		return err_set(err, 0, "a descriptor without a sha256 digest");
	if (!json_is_integer(size) || json_integer_value(size) < 0)
		return err_set(err, 0, "%s: a descriptor without a size",
			       out->digest);
	out->size = json_integer_value(size);
	buf_fmt(&path, "blobs/sha256/%s", out->digest + 7);
	out->member = reader_find(reader, path.at);
	if (!out->member)
		return err_set(err, 0, "%s: missing from the archive", path.at);
	if (out->member->size != (uint64_t)out->size)
		return err_set(err, 0,
			       "%s: %llu bytes, its descriptor says "
			       "%llu",
			       path.at, (unsigned long long)out->member->size,
			       (unsigned long long)out->size);
	return 0;
}

json_t *reader_described(struct reader_descriptor *out,
			 const struct reader *reader, const json_t *json,
			 struct err *err)
{
	if (reader_describe(out, reader, json, err) < 0)
		return NULL;
	return reader_json(reader, out->member, out->digest, out->size, err);
}

/* How well a descriptor of an index fits: 2 exactly, 1 unsaid, 0 not. */
static int fit(const json_t *json, const struct arch *arch)
{
	const json_t *platform = json_object_get(json, "platform");
	const char *name = reader_text(platform, "architecture");
	const char *os = reader_text(platform, "os");

	if (!name)
		return 1;
	/* Build attestations stand in the index as "unknown/unknown". */
	if (!os || strcmp(os, "linux") != 0)
		return 0;
	return strcmp(name, arch->oci) == 0 ? 2 : 1;
}

static const json_t *choose(const json_t *index, const struct arch *arch)
{
	const json_t *manifests = json_object_get(index, "manifests");
	const json_t *best = NULL;
	int best_fit = 0;

	for (size_t i = 0; i < json_array_size(manifests); i++) {
		const json_t *one = json_array_get(manifests, i);
		int how = fit(one, arch);

		if (how > best_fit) {
			best = one;
			best_fit = how;
		}
	}
	return best;
}

void reader_add_name(json_t *names, const json_t *entry)
{
	const json_t *notes = json_object_get(entry, "annotations");
	const char *name = reader_text(notes, "io.containerd.image.name");

	if (!name)
		name = reader_text(notes, "org.opencontainers.image.ref.name");
	if (name)
		json_array_append_new(names, json_string(name));
}

/* Follow index.json to a manifest, through nested indexes. */
static int find_manifest(struct reader_image *out, const struct reader *reader,
			 const struct arch *arch, struct err *err)
{
	json_t *json = reader_json(reader, reader_find(reader, "index.json"),
				   NULL, -1, err);

	for (int depth = 0; json && json_object_get(json, "manifests");
	     depth++) {
		const json_t *next = choose(json, arch);
		struct reader_descriptor descriptor;
		json_t *inner = NULL;

		if (depth == INDEX_DEPTH_MAX)
			err_set(err, 0, "indexes nested too deeply");
		else if (!next)
			err_set(err, 0, "index.json lists no image");
		else
			inner = reader_described(&descriptor, reader, next,
						 err);
		if (inner) {
			reader_add_name(out->names, next);
			free(out->digest);
			out->digest = copy_text(descriptor.digest);
		}
		json_decref(json);
		json = inner;
	}
	out->manifest = json;
	if (json && !out->digest)
		return err_set(err, 0, "index.json lists no image");
	return json ? 0 : -1;
}

static int check_layer_count(struct reader_image *out, size_t count,
			     struct err *err)
{
	const json_t *rootfs = json_object_get(out->config, "rootfs");
	const json_t *diff_ids = json_object_get(rootfs, "diff_ids");

	if (count > READER_LAYERS_MAX)
		return err_set(err, 0, "%zu layers, allowed are %d", count,
			       READER_LAYERS_MAX);
	if (json_array_size(diff_ids) != count)
		return err_set(err, 0, "%zu layers, the config says %zu", count,
			       json_array_size(diff_ids));
	out->layers = mem_new(count, sizeof(*out->layers));
	out->layer_count = count;
	for (size_t i = 0; i < count; i++) {
		const char *id = json_string_value(json_array_get(diff_ids, i));

		if (!id || !sum_is_valid(id))
			return err_set(err, 0,
				       "diff_id %zu is no sha256 "
				       "digest",
				       i);
		out->layers[i].diff_id = copy_text(id);
	}
	return 0;
}

/* What the manifest tells of. */
static int read_manifest(struct reader_image *out, const struct reader *reader,
			 struct err *err)
{
	struct reader_descriptor descriptor;

	out->is_oci = true;
	out->config = reader_described(&descriptor, reader,
				       json_object_get(out->manifest, "config"),
				       err);
	if (!out->config)
		return err_wrap(err, "config");
	out->config_member = descriptor.member;
	const json_t *layers = json_object_get(out->manifest, "layers");

	if (check_layer_count(out, json_array_size(layers), err) < 0)
		return -1;
	for (size_t i = 0; i < out->layer_count; i++) {
		if (reader_describe(&descriptor, reader,
				    json_array_get(layers, i), err) < 0)
			return err_wrap(err, "layer %zu", i);
		out->layers[i].member = descriptor.member;
		out->layers[i].digest = copy_text(descriptor.digest);
	}
	return 0;
}

static int read_oci(struct reader_image *out, const struct reader *reader,
		    const struct arch *arch, struct err *err)
{
	if (find_manifest(out, reader, arch, err) < 0)
		return -1;
	return read_manifest(out, reader, err);
}

int reader_image_of(struct reader_image *out, const struct reader *reader,
		    const json_t *descriptor, json_t *names, struct err *err)
{
	struct reader_descriptor described;

	*out = (struct reader_image){ .names = json_incref(names) };
	out->manifest = reader_described(&described, reader, descriptor, err);
	if (!out->manifest)
		return -1;
	out->digest = copy_text(described.digest);
	return read_manifest(out, reader, err);
}

bool reader_name_digest(struct sum *out, const char *name)
{
	const char *slash = strrchr(name, '/');
	struct buf text = { 0 };

	name = slash ? slash + 1 : name;
	buf_fmt(&text, "sha256:%.*s", SUM_HEX, name);
	bool good = sum_is_valid(text.at);

	if (good)
		memcpy(out->text, text.at, sizeof(out->text));
	buf_free(&text);
	return good;
}

static int read_docker_config(struct reader_image *out,
			      const struct reader *reader, const json_t *entry,
			      struct err *err)
{
	const char *name = reader_text(entry, "Config");
	const struct reader_member *member = name ? reader_find(reader, name)
						  : NULL;
	struct sum digest;

	if (!member)
		return err_set(err, 0,
			       "manifest.json: its Config is not in "
			       "the archive");
	out->config = reader_json(
		reader, member,
		reader_name_digest(&digest, name) ? digest.text : NULL, -1,
		err);
	out->config_member = member;
	return out->config ? 0 : -1;
}

static int read_docker_layers(struct reader_image *out,
			      const struct reader *reader, const json_t *entry,
			      struct err *err)
{
	const json_t *layers = json_object_get(entry, "Layers");

	if (check_layer_count(out, json_array_size(layers), err) < 0)
		return -1;
	for (size_t i = 0; i < out->layer_count; i++) {
		const char *name = json_string_value(json_array_get(layers, i));

		out->layers[i].member = name ? reader_find(reader, name) : NULL;
		if (!out->layers[i].member)
			return err_set(err, 0,
				       "manifest.json: layer %zu is "
				       "not in the archive",
				       i);
	}
	return 0;
}

static int read_docker(struct reader_image *out, const struct reader *reader,
		       struct err *err)
{
	json_t *list = reader_json(reader, reader_find(reader, "manifest.json"),
				   NULL, -1, err);
	const json_t *entry = json_array_get(list, 0);
	int result = -1;

	if (list && !entry)
		err_set(err, 0, "manifest.json lists no image");
	else if (list &&
		 (result = read_docker_config(out, reader, entry, err)) == 0)
		result = read_docker_layers(out, reader, entry, err);
	if (result == 0)
		json_array_extend(out->names,
				  json_object_get(entry, "RepoTags"));
	json_decref(list);
	return result;
}

static int read_either(struct reader_image *out, const struct reader *reader,
		       const struct arch *arch, struct err *err)
{
	if (reader_find(reader, "index.json"))
		return read_oci(out, reader, arch, err);
	if (reader_find(reader, "manifest.json"))
		return read_docker(out, reader, err);
	return err_set(err, 0, "%s", reader_no_image);
}

int reader_image(struct reader_image *out, const struct reader *reader,
		 const struct arch *arch, struct err *err)
{
	*out = (struct reader_image){ .names = json_array() };
	if (read_either(out, reader, arch ? arch : arch_host(), err) < 0)
		return -1;
	const char *has = reader_text(out->config, "architecture");

	if (arch && (!has || strcmp(has, arch->oci) != 0))
		return err_set(err, 0, "no image for linux/%s", arch->oci);
	return 0;
}

void reader_image_free(struct reader_image *image)
{
	for (size_t i = 0; i < image->layer_count; i++) {
		free(image->layers[i].digest);
		free(image->layers[i].diff_id);
	}
	free(image->layers);
	free(image->digest);
	json_decref(image->manifest);
	json_decref(image->config);
	json_decref(image->names);
	*image = (struct reader_image){ 0 };
}
