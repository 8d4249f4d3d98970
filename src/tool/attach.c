#include "tool/attach.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/archive.h"
#include "image/document.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "image/reader.h"
#include "image/reader_set.h"
#include "image/sbom.h"

static const struct {
	const char *type;
	json_t *(*make)(const struct inventory *inventory);
} forms[] = {
	{ "application/spdx+json", sbom_spdx },
	{ "application/vnd.cyclonedx+json", sbom_cyclonedx },
};

struct work {
	const char *input;
	struct reader reader;
	struct archive archive;
	json_t *index;	 /* index.json */
	json_t *images;	 /* descriptors of images, and of old referrers */
	json_t *nested;	 /* the new index: images and referrers */
	json_t *dropped; /* a set of digests that nothing will refer to */
	struct buf docker;
};

/* A manifest that says what the document is, and of which image. */
static json_t *referrer_of(const char *type, const struct sum *sum, size_t size,
			   const json_t *image)
{
	static const struct slice empty = { "{}", 2 };
	const struct sum none = sum_of(empty);
	json_t *subject = json_pack("{s:O,s:O,s:O}", "mediaType",
				    json_object_get(image, "mediaType"),
				    "digest", json_object_get(image, "digest"),
				    "size", json_object_get(image, "size"));

	return json_pack(
		"{s:i,s:s,s:s,s:o,s:[o],s:o}", "schemaVersion", 2, "mediaType",
		MEDIA_TYPE_MANIFEST, "artifactType", type, "config",
		document_descriptor(MEDIA_TYPE_EMPTY, &none, empty.len),
		"layers", document_descriptor(type, sum, size), "subject",
		subject);
}

static json_t *entry_of(const char *type, const struct manifest *referrer)
{
	json_t *entry = document_descriptor(MEDIA_TYPE_MANIFEST,
					    &referrer->manifest_sum,
					    referrer->manifest.len);

	json_object_set_new(entry, "artifactType", json_string(type));
	json_object_set_new(entry, "platform",
			    json_pack("{s:s,s:s}", "architecture", "unknown",
				      "os", "unknown"));
	return entry;
}

static int add_form(struct work *work, size_t form, const json_t *image,
		    const struct inventory *inventory, struct err *err)
{
	const char *type = forms[form].type;
	struct manifest document = { 0 };
	int result = document_print(&document.config, &document.config_sum,
				    forms[form].make(inventory), type, err);

	if (result == 0)
		result = document_print(&document.manifest,
					&document.manifest_sum,
					referrer_of(type, &document.config_sum,
						    document.config.len, image),
					"a referrer", err);
	if (result == 0)
		result = archive_add(&work->archive, &document, err);
	if (result == 0)
		json_array_append_new(
			json_object_get(work->nested, "manifests"),
			entry_of(type, &document));
	manifest_free(&document);
	return result;
}

static int add_image(struct work *work, json_t *image, struct err *err)
{
	const char *name = reader_text(json_object_get(image, "platform"),
				       "architecture");
	const struct arch *arch = name ? arch_by_name(slice_from(name)) : NULL;
	struct inventory inventory;
	int result = inventory_read(&inventory, work->input,
				    arch ? arch : arch_host(), err);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (result == 0)
			result = add_form(work, i, image, &inventory, err);
	inventory_free(&inventory);
	return result;
}

static void drop(struct work *work, const json_t *descriptor)
{
	const char *digest = reader_text(descriptor, "digest");

	if (digest)
		json_object_set_new(work->dropped, digest, json_true());
}

/* The archive's one entry, or where that is an index, those of the index. */
static json_t *images_of(struct work *work, struct err *err)
{
	json_t *entries = json_object_get(work->index, "manifests");
	const json_t *only = json_array_get(entries, 0);
	const char *type = reader_text(only, "mediaType");
	struct reader_descriptor described;

	if (json_array_size(entries) != 1) {
		err_set(err, 0, "index.json names %zu images, and not one",
			json_array_size(entries));
		return NULL;
	}
	if (!type || strcmp(type, MEDIA_TYPE_INDEX) != 0)
		return json_incref(entries);
	if (reader_describe(&described, &work->reader, only, err) < 0)
		return NULL;
	json_t *index = reader_json(&work->reader, described.member,
				    described.digest, described.size, err);
	json_t *images = json_incref(json_object_get(index, "manifests"));

	json_decref(index);
	drop(work, only);
	if (!json_is_array(images)) {
		err_set(err, 0, "its index names no images");
		json_decref(images);
		return NULL;
	}
	return images;
}

/* A name belongs to index.json alone (image-layout.md of the spec). */
static json_t *plain_entry(const json_t *image)
{
	json_t *entry = json_deep_copy(image);
	json_t *notes = json_object_get(entry, "annotations");

	json_object_del(notes, "io.containerd.image.name");
	json_object_del(notes, "org.opencontainers.image.ref.name");
	if (!json_object_size(notes))
		json_object_del(entry, "annotations");
	return entry;
}

static bool is_referrer(const json_t *entry)
{
	return json_object_get(entry, "artifactType") != NULL;
}

/* An old referrer goes, and its document with it. */
static int drop_referrer(struct work *work, const json_t *entry,
			 struct err *err)
{
	struct reader_descriptor described;
	json_t *manifest;

	if (reader_describe(&described, &work->reader, entry, err) < 0)
		return -1;
	manifest = reader_json(&work->reader, described.member,
			       described.digest, described.size, err);
	if (!manifest)
		return -1;
	const json_t *layers = json_object_get(manifest, "layers");

	drop(work, entry);
	for (size_t i = 0; i < json_array_size(layers); i++)
		drop(work, json_array_get(layers, i));
	json_decref(manifest);
	return 0;
}

/*
 * Images first: who takes the first one has one. Attestations of buildkit
 * stay as they are.
 */
static int sort_images(struct work *work, struct err *err)
{
	json_t *list = json_object_get(work->nested, "manifests");

	work->images = images_of(work, err);
	if (!work->images)
		return -1;
	for (size_t i = 0; i < json_array_size(work->images); i++) {
		const json_t *entry = json_array_get(work->images, i);

		if (!is_referrer(entry))
			json_array_append_new(list, plain_entry(entry));
		else if (drop_referrer(work, entry, err) < 0)
			return -1;
	}
	return 0;
}

static int add_images(struct work *work, struct err *err)
{
	for (size_t i = 0; i < json_array_size(work->images); i++) {
		json_t *entry = json_array_get(work->images, i);

		if (reader_set_is_image(entry) &&
		    add_image(work, entry, err) < 0)
			return -1;
	}
	return 0;
}

/* All blobs as they are, but for those that are replaced. */
static int copy_blobs(struct work *work, struct err *err)
{
	const struct reader *reader = &work->reader;

	for (size_t i = 0; i < reader->member_count; i++) {
		const struct reader_member *member = &reader->members[i];
		struct sum sum;

		if (strncmp(member->name, "blobs/sha256/", 13) != 0 ||
		    !reader_name_digest(&sum, member->name) ||
		    json_object_get(work->dropped, sum.text))
			continue;
		if (archive_copy(&work->archive, &sum, reader->fd,
				 member->offset, member->size, err) < 0)
			return -1;
	}
	return 0;
}

/* What is an OCI layout alone stays one. */
static int load_docker(struct work *work, struct err *err)
{
	const struct reader_member *member = reader_find(&work->reader,
							 "manifest.json");

	if (!member)
		return 0;
	json_t *json = reader_json(&work->reader, member, NULL, -1, err);

	return json ? document_print(&work->docker, NULL, json, member->name,
				     err)
		    : -1;
}

static int finish(struct sum *index, struct work *work, struct err *err)
{
	static const struct slice empty = { "{}", 2 };
	struct manifest all = { 0 };
	json_t *entry = json_array_get(
		json_object_get(work->index, "manifests"), 0);
	int result = document_print(&all.manifest, &all.manifest_sum,
				    json_incref(work->nested), "image index",
				    err);

	/* The referrers' config, once. */
	buf_add(&all.config, empty.at, empty.len);
	all.config_sum = sum_of(empty);
	if (document_refer(entry, MEDIA_TYPE_INDEX, &all.manifest_sum,
			   all.manifest.len) < 0)
		result = err_set(err, 0, "index.json: no entry");
	json_object_del(entry, "platform");
	if (result == 0)
		result = document_print(&all.index, NULL,
					json_incref(work->index), "index.json",
					err);
	buf_add(&all.docker, work->docker.at, work->docker.len);
	if (result == 0)
		result = archive_finish(&work->archive, &all, err);
	if (index)
		*index = all.manifest_sum;
	manifest_free(&all);
	return result;
}

static int read_input(struct work *work, struct err *err)
{
	const struct reader_member *member = reader_find(&work->reader,
							 "index.json");

	if (!member)
		return err_set(err, 0,
			       "a docker-archive has no place for referrers");
	work->index = reader_json(&work->reader, member, NULL, -1, err);
	return work->index ? load_docker(work, err) : -1;
}

static int attach(struct sum *index, struct work *work, const char *output,
		  struct err *err)
{
	if (read_input(work, err) < 0 || sort_images(work, err) < 0)
		return err_wrap(err, "%s", work->input);
	if (archive_create(&work->archive, output, err) < 0)
		return -1;
	int result = copy_blobs(work, err);

	if (result == 0 && add_images(work, err) < 0)
		result = strncmp(err->text, work->input, strlen(work->input))
				 ? err_wrap(err, "%s", work->input)
				 : -1;
	if (result == 0)
		result = finish(index, work, err);
	archive_discard(&work->archive);
	return result;
}

int attach_sbom(struct sum *index, const char *input, const char *output,
		struct err *err)
{
	struct work work = {
		.input = input,
		.nested = json_pack("{s:i,s:s,s:[]}", "schemaVersion", 2,
				    "mediaType", MEDIA_TYPE_INDEX, "manifests"),
		/* The referrers' config is written once, at the end. */
		.dropped = json_pack("{s:b}", sum_of(SLICE("{}")).text, 1),
	};

	if (reader_open(&work.reader, input, err) < 0) {
		json_decref(work.nested);
		json_decref(work.dropped);
		return -1;
	}
	int result = attach(index, &work, output, err);

	json_decref(work.index);
	json_decref(work.images);
	json_decref(work.nested);
	json_decref(work.dropped);
	buf_free(&work.docker);
	reader_close(&work.reader);
	return result;
}
