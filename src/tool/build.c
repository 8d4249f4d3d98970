#include "tool/build.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "data/service.h"
#include "image/archive.h"
#include "image/contents.h"
#include "image/init_file.h"
#include "image/layer.h"
#include "image/manifest.h"
#include "image/needs.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/recipe_exec.h"
#include "image/stack.h"
#include "tool/service_filter.h"

/* For find_program. */
struct image {
	const struct plan *plan;
	const struct recipe *recipe;
};

/* What a program of the image is made of: files of it, and of it alone. */
static int find_program(struct libraries *out, void *of, const char *path,
			struct err *err)
{
	const struct image *image = of;
	const struct plan_entry *entry = plan_find(image->plan, path);

	if (!entry || entry->type != TAR_FILE || !entry->from)
		return err_set(err, 0, "%s: no program of the image", path);
	return needs_find(out, image->plan, image->recipe, entry, err);
}

static int make_conf(struct buf *conf, const struct recipe *recipe,
		     struct err *err)
{
	if (service_check(&recipe->service, true, err) < 0)
		return recipe_wrap(err, recipe, 0);
	service_print(conf, &recipe->service);
	if (conf->len > SERVICE_TEXT_MAX) {
		err_set(err, 0, "[Service]: %zu bytes, allowed are %d",
			conf->len, SERVICE_TEXT_MAX);
		return recipe_wrap(err, recipe, 0);
	}
	return 0;
}

/* "-o server ./server" would replace what it has just read. */
static int check_output(const struct plan *plan, const char *output,
			struct err *err)
{
	struct stat st;

	if (!output || stat(output, &st) < 0)
		return 0;
	for (size_t i = 0; i < plan->count; i++)
		if (plan_is_file(&plan->entries[i], &st))
			return err_set(err, 0,
				       "%s: is both output and part of "
				       "the image",
				       output);
	return 0;
}

/* Everything that can be wrong is found here, before any output exists. */
static int make_plan(struct plan *plan, struct buf *filter, struct build *build,
		     struct err *err)
{
	struct recipe *recipe = build->recipe;
	struct image image = { plan, recipe };
	struct closure_program program;
	auto_buf struct buf init = { 0 };
	auto_buf struct buf conf = { 0 };

	build->automatic.find = find_program;
	build->automatic.of = &image;
	if (init_file_find(&init, &build->init, recipe->arch, recipe->archs,
			   recipe->arch_count, err) < 0 ||
	    contents_add(plan, recipe, err) < 0 ||
	    contents_check_program(&program, plan, recipe, err) < 0 ||
	    service_filter_make(filter, build, &program, err) < 0 ||
	    build_check_lock(build, err) < 0 ||
	    make_conf(&conf, recipe, err) < 0)
		return -1;
	struct contents_pith pith = {
		.init = init.at,
		.program = recipe->service.exec.at[0],
		.volumes = &recipe->volumes,
		.conf = buf_slice(&conf),
		.filter = buf_slice(filter),
		.arch = recipe->arch,
	};

	if (contents_add_pith(plan, &pith, err) < 0)
		return recipe_wrap(err, recipe, 0);
	return check_output(plan, build->output, err);
}

/* One platform's image. */
struct part {
	struct plan plan;
	struct buf filter;
};

/* Of the recipe's i-th platform: what was derived was another's. */
static int make_part(struct part *part, struct build *build, size_t i,
		     struct err *err)
{
	struct recipe *recipe = build->recipe;

	recipe_choose(recipe, recipe->archs[i]);
	automatic_free(&build->automatic);
	if (make_plan(&part->plan, &part->filter, build, err) < 0)
		return recipe->arch_count == 1
			       ? -1
			       : err_wrap(err, "linux/%s", recipe->arch->oci);
	build->platform_calls[i] = build->calls;
	build->platform_filter[i] = recipe->filter;
	return 0;
}

static int make_parts(struct part *parts, struct build *build, struct err *err)
{
	for (size_t i = 0; i < build->recipe->arch_count; i++)
		if (make_part(&parts[i], build, i, err) < 0)
			return -1;
	return 0;
}

static void free_part(struct part *part)
{
	plan_free(&part->plan);
	buf_free(&part->filter);
}

/* Write a platform's layers into the archive and describe them. */
static int write_part(struct manifest *out, struct archive *archive,
		      const struct part *part, const struct build *build,
		      struct err *err)
{
	struct sum filter = sum_of(buf_slice(&part->filter));
	struct layer layers[PLAN_LAYERS];
	struct stack stack;

	stack_of(&stack, &part->plan);
	for (size_t i = 0; i < stack.count; i++)
		if (archive_begin_layer(archive, err) < 0 ||
		    layer_write(&layers[i], archive->out.fd, &part->plan,
				stack.layers[i], &build->codec, err) < 0 ||
		    archive_end_layer(archive, &layers[i], err) < 0)
			return err_wrap(err, "%s", build->output);
	return manifest_make(out, build->recipe, &stack, layers, &filter, err);
}

static int finish_archive(struct archive *archive, struct build *build,
			  const struct manifest *manifests, struct err *err)
{
	const struct recipe *recipe = build->recipe;
	size_t count = recipe->arch_count;
	struct manifest joined = { 0 };
	int result = 0;

	if (count == 1) {
		build->manifest = manifests[0].manifest_sum;
		return archive_finish(archive, &manifests[0], err);
	}
	for (size_t i = 0; i < count && result == 0; i++)
		result = archive_add(archive, &manifests[i], err);
	if (result == 0)
		result = manifest_join(&joined, manifests, recipe->archs, count,
				       recipe, err);
	if (result == 0)
		result = archive_finish(archive, &joined, err);
	build->manifest = joined.manifest_sum;
	manifest_free(&joined);
	return result;
}

int build_measure(struct build *build, struct err *err)
{
	struct stat st;

	if (stat(build->output, &st) < 0)
		return err_set(err, errno, "%s", build->output);
	build->archive_size = (uint64_t)st.st_size;
	return 0;
}

static int write_archive(struct build *build, const struct part *parts,
			 struct err *err)
{
	struct manifest manifests[RECIPE_PLATFORMS_MAX] = { 0 };
	size_t count = build->recipe->arch_count;
	struct archive archive;
	int result = archive_create(&archive, build->output, err);

	if (result < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++) {
		build->recipe->arch = build->recipe->archs[i];
		build->recipe->filter = build->platform_filter[i];
		result = write_part(&manifests[i], &archive, &parts[i], build,
				    err);
	}
	if (result == 0)
		result = finish_archive(&archive, build, manifests, err);
	archive_discard(&archive);
	for (size_t i = 0; i < count; i++)
		manifest_free(&manifests[i]);
	return result == 0 ? build_measure(build, err) : -1;
}

int build_image(struct build *build, struct err *err)
{
	struct part parts[RECIPE_PLATFORMS_MAX] = { 0 };
	int result = make_parts(parts, build, err);

	if (result == 0)
		result = build_end_lock(build, err);
	if (result == 0)
		result = write_archive(build, parts, err);
	for (size_t i = 0; i < RECIPE_PLATFORMS_MAX; i++)
		free_part(&parts[i]);
	return result;
}

int build_derive(struct build *build, size_t i, struct err *err)
{
	struct part part = { 0 };
	int result = make_part(&part, build, i, err);

	free_part(&part);
	return result;
}

int build_parts(struct buf *conf, struct buf *filter, struct build *build,
		const struct closure_program *program, struct err *err)
{
	if (service_filter_make(filter, build, program, err) < 0)
		return -1;
	return make_conf(conf, build->recipe, err);
}

void build_free(struct build *build)
{
	automatic_free(&build->automatic);
	buf_free(&build->notes);
}
