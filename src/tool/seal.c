#include "tool/seal.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/archive.h"
#include "image/manifest.h"
#include "tool/build.h"
#include "tool/seal_part.h"
#include "tool/seal_service.h"

/* Of several, each note says whose it is. */
static void name_notes(struct buf *notes, size_t before, const char *platform)
{
	auto_buf struct buf own = { 0 };
	struct slice line, rest;

	buf_add(&own, notes->at + before, notes->len - before);
	notes->len = before;
	rest = buf_slice(&own);
	while (slice_cut(&line, &rest, '\n'))
		buf_fmt(notes, "linux/%s: %.*s\n", platform, SLICE_ARGS(line));
}

/* Everything that can be wrong is found here, before any output exists. */
static int make_parts(struct seal_part *parts, struct seal_job *job,
		      struct err *err)
{
	struct build *build = job->build;

	for (size_t i = 0; i < job->images.count; i++) {
		size_t before = build->notes.len;

		if (seal_part_make(&parts[i], job, i, err) < 0)
			return -1;
		if (job->images.count > 1 && build->notes.len > before)
			name_notes(&build->notes, before,
				   parts[i].recipe.arch->oci);
		build->platform_calls[i] = build->calls;
		build->platform_filter[i] = parts[i].recipe.filter;
	}
	return 0;
}

/* What build_print tells: the first one's recipe, for all their machines. */
static void describe(struct build *build, struct seal_part *parts,
		     const struct seal_images *images)
{
	struct recipe *recipe = &parts[0].recipe;

	build->recipe = recipe;
	build->calls = build->platform_calls[0];
	build->has_referrers = images->is_set;
	recipe->arch_count = images->count;
	for (size_t i = 0; i < images->count; i++)
		recipe->archs[i] = images->archs[i];
}

/* The documents: of a set those of each image, and then what lists them. */
static int finish(struct archive *archive, const struct seal_part *parts,
		  const struct manifest *manifests, struct seal_job *job,
		  struct err *err)
{
	struct manifest joined = { 0 };
	int result = 0;

	job->build->manifest = manifests[0].manifest_sum;
	if (!job->images.is_set)
		return archive_finish(archive, &manifests[0], err);
	for (size_t i = 0; i < job->images.count && result == 0; i++)
		result = archive_add(archive, &manifests[i], err);
	if (result == 0)
		result = seal_images_join(&joined, archive, &job->images,
					  manifests, &parts[0].recipe, err);
	if (result == 0)
		result = archive_finish(archive, &joined, err);
	if (job->images.left_out)
		buf_fmt(&job->build->notes,
			"left out: what describes the image as it was, %zu of "
			"attestation, bill of materials or the like\n",
			job->images.left_out);
	job->build->manifest = joined.manifest_sum;
	manifest_free(&joined);
	return result;
}

static int write_archive(const struct seal_part *parts, struct seal_job *job,
			 struct err *err)
{
	struct manifest manifests[SEAL_IMAGES_MAX] = { 0 };
	struct archive archive;
	int result = archive_create(&archive, job->build->output, err);

	if (result < 0)
		return -1;
	for (size_t i = 0; i < job->images.count && result == 0; i++)
		result = seal_part_write(&manifests[i], &archive, &parts[i],
					 job, err);
	if (result == 0)
		result = finish(&archive, parts, manifests, job, err);
	archive_discard(&archive);
	for (size_t i = 0; i < job->images.count; i++)
		manifest_free(&manifests[i]);
	return result == 0 ? build_measure(job->build, err) : -1;
}

int seal_image(const struct seal *seal, struct build *build, struct err *err)
{
	struct seal_job job = { .seal = seal, .build = build };
	struct seal_part parts[SEAL_IMAGES_MAX] = { 0 };

	if (seal_load_service(&job.service, seal->service, err) < 0 ||
	    reader_open(&job.reader, seal->input, err) < 0) {
		free(job.service);
		return -1;
	}
	int result = seal_images_find(&job.images, &job.reader, seal, err);

	if (result < 0)
		err_wrap(err, "%s", seal->input);
	else
		result = make_parts(parts, &job, err);
	if (result == 0)
		result = write_archive(parts, &job, err);
	if (result == 0) {
		describe(build, parts, &job.images);
		build_print(build);
	}
	for (size_t i = 0; i < SEAL_IMAGES_MAX; i++)
		seal_part_free(&parts[i]);
	seal_images_free(&job.images);
	reader_close(&job.reader);
	free(job.service);
	return result;
}
