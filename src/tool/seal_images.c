#include "tool/seal_images.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/document.h"
#include "image/manifest.h"
#include "image/media_type.h"
#include "image/reader.h"
#include "image/recipe.h"
#include "image/seal.h"
#include "tool/seal.h"
#include "tool/seal_beside.h"

/* The machine that a platform is; NULL where pith does not know it. */
static const struct arch *arch_of(const json_t *platform)
{
	const char *os = reader_text(platform, "os");
	const char *name = reader_text(platform, "architecture");
	const char *variant = reader_text(platform, "variant");
	const struct arch *arch;
	auto_buf struct buf both = { 0 };

	if (!name || (os && strcmp(os, "linux") != 0))
		return NULL;
	buf_fmt(&both, "%s%s%s", name, variant ? "/" : "",
		variant ? variant : "");
	arch = arch_by_name(buf_slice(&both));
	if (arch)
		return arch;
	/* Any x86-64 runs what is for one; not every ARM runs what is for v7. */
	arch = arch_by_name(slice_from(name));
	return arch && !arch->variant ? arch : NULL;
}

static int refuse_platform(const json_t *platform, struct err *err)
{
	const char *os = reader_text(platform, "os");
	const char *name = reader_text(platform, "architecture");
	const char *variant = reader_text(platform, "variant");

	return err_set(err, 0,
		       "%s/%s%s%s: there is no pith-init for it; choose others "
		       "with --platform",
		       os ? os : "linux", name ? name : "(none)",
		       variant ? "/" : "", variant ? variant : "");
}

/* docker save lists what it was not given, too. */
static bool is_there(const struct reader *reader, const json_t *entry)
{
	const char *digest = reader_text(entry, "digest");
	auto_buf struct buf path = { 0 };

	/* What is no digest is said of it when it is read. */
	if (!digest || !sum_is_valid(digest))
		return true;
	buf_fmt(&path, "blobs/sha256/%s", digest + strlen("sha256:"));
	return reader_find(reader, path.at);
}

static bool is_wanted(const struct arch *arch, const struct seal *seal)
{
	for (size_t i = 0; i < seal->arch_count; i++)
		if (seal->archs[i] == arch)
			return true;
	return !seal->arch_count;
}

static int add_entry(struct seal_images *out, const json_t *entry,
		     const struct seal *seal, struct err *err)
{
	const json_t *platform = json_object_get(entry, "platform");
	const struct arch *arch = arch_of(platform);

	if (!arch)
		return seal->arch_count ? 0 : refuse_platform(platform, err);
	if (!is_wanted(arch, seal))
		return 0;
	if (!seal->arch_count && !is_there(out->reader, entry))
		return err_set(err, 0,
			       "linux/%s: listed, and not in the archive; "
			       "choose others with --platform",
			       arch->oci);
	for (size_t i = 0; i < out->count; i++)
		if (out->archs[i] == arch)
			return err_set(err, 0, "two images for linux/%s",
				       arch->oci);
	/* There are fewer machines than that. */
	out->archs[out->count] = arch;
	out->entries[out->count++] = entry;
	return 0;
}

static int add_entries(struct seal_images *out, const struct seal *seal,
		       struct err *err)
{
	const json_t *list = json_object_get(out->set.index, "manifests");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (reader_set_is_image(entry) &&
		    add_entry(out, entry, seal, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < seal->arch_count; i++) {
		size_t k = 0;

		while (k < out->count && out->archs[k] != seal->archs[i])
			k++;
		if (k == out->count)
			return err_set(err, 0, "no image for linux/%s",
				       seal->archs[i]->oci);
	}
	out->is_chosen = seal->arch_count;
	/* Chosen alone it needs no index. */
	out->is_set = out->count > 1 || !out->is_chosen;
	return 0;
}

int seal_images_find(struct seal_images *out, const struct reader *reader,
		     const struct seal *seal, struct err *err)
{
	*out = (struct seal_images){ .reader = reader };
	int got = reader_set_open(&out->set, reader, err);

	if (got < 0)
		return -1;
	if (got)
		return add_entries(out, seal, err);
	if (seal->arch_count > 1)
		return err_set(err, 0,
			       "no index of several platforms, and %zu are "
			       "chosen",
			       seal->arch_count);
	out->archs[0] = seal->archs[0];
	out->count = 1;
	return 0;
}

int seal_images_read(struct reader_image *out, struct seal_images *images,
		     size_t i, struct err *err)
{
	if (images->entries[i])
		return reader_image_of(out, images->reader, images->entries[i],
				       images->set.names, err);
	if (reader_image(out, images->reader, images->archs[i], err) < 0)
		return -1;
	const char *name = reader_text(out->config, "architecture");

	images->archs[i] = name ? arch_by_name(slice_from(name)) : NULL;
	if (!images->archs[i])
		return err_set(err, 0, "its architecture %s is not known",
			       name ? name : "(none)");
	return 0;
}

/* The entry as it becomes, or NULL: it does not stay as it is. */
static const struct manifest *find_sealed(const struct seal_images *images,
					  const struct manifest *manifests,
					  const json_t *entry)
{
	for (size_t i = 0; i < images->count; i++)
		if (images->entries[i] == entry)
			return &manifests[i];
	return NULL;
}

static int join_entry(json_t *list, struct archive *archive,
		      const struct seal_images *images,
		      const struct manifest *sealed, const json_t *entry,
		      struct err *err)
{
	json_t *own;

	if (!sealed && seal_keep(archive, images->reader, entry, err) < 0)
		return -1;
	own = json_deep_copy(entry);
	/* A name belongs to index.json alone (image-layout.md of the spec). */
	json_t *notes = json_object_get(own, "annotations");

	json_object_del(notes, "io.containerd.image.name");
	json_object_del(notes, "org.opencontainers.image.ref.name");
	if (sealed)
		document_refer(own, MEDIA_TYPE_MANIFEST, &sealed->manifest_sum,
			       sealed->manifest.len);
	json_array_append_new(list, own);
	return 0;
}

/* The images, and what is beside them and not about them as they were. */
static int join_entries(json_t *list, struct archive *archive,
			struct seal_images *images,
			const struct manifest *manifests, struct err *err)
{
	const json_t *old = json_object_get(images->set.index, "manifests");
	struct seal_beside beside = { 0 };
	int result = images->is_chosen
			     ? 0
			     : seal_beside_read(&beside, images->reader, old,
						err);

	for (size_t i = 0; i < json_array_size(old) && result == 0; i++) {
		const json_t *entry = json_array_get(old, i);
		const struct manifest *sealed = find_sealed(images, manifests,
							    entry);

		if (!sealed && images->is_chosen)
			continue;
		if (sealed || seal_beside_stays(&beside, entry))
			result = join_entry(list, archive, images, sealed,
					    entry, err);
		else
			images->left_out++;
	}
	seal_beside_free(&beside);
	return result;
}

int seal_images_join(struct manifest *out, struct archive *archive,
		     struct seal_images *images,
		     const struct manifest *manifests,
		     const struct recipe *recipe, struct err *err)
{
	const struct manifest *own =
		&manifests[manifest_own(images->archs, images->count)];
	json_t *index = json_copy(images->set.index);
	json_t *list = json_array();

	json_object_set_new(index, "manifests", list);
	json_object_set_new(index, "mediaType", json_string(MEDIA_TYPE_INDEX));
	if (join_entries(list, archive, images, manifests, err) < 0) {
		json_decref(index);
		return -1;
	}
	return manifest_list(out,
			     &(struct manifest_several){
				     index, json_deep_copy(images->set.entry),
				     &own->docker },
			     recipe->name, recipe->tag, err);
}

bool seal_images_list(const struct seal_images *images, const struct arch *arch)
{
	const json_t *list = json_object_get(images->set.index, "manifests");

	if (!images->entries[0])
		return images->archs[0] == arch;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		if (reader_set_is_image(entry) &&
		    arch_of(json_object_get(entry, "platform")) == arch)
			return true;
	}
	return false;
}

void seal_images_free(struct seal_images *images)
{
	reader_set_close(&images->set);
}
