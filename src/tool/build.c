#include "tool/build.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

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

	if (!entry || entry->type != TAR_FILE || !entry->file)
		return err_set(err, 0, "%s: no program of the image", path);
	return needs_find(out, image->plan, image->recipe, entry, err);
}

static int make_conf(struct buf *conf, const struct recipe *recipe,
		     struct err *err)
{
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
		if (plan->entries[i].file &&
		    plan->entries[i].stamp.inode == st.st_ino &&
		    plan->entries[i].stamp.device == st.st_dev)
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
	if (init_file_find(&init, build->init, recipe->arch, err) < 0 ||
	    contents_add(plan, recipe, err) < 0 ||
	    contents_check_program(&program, plan, recipe, err) < 0 ||
	    service_filter_make(filter, build, &program, err) < 0 ||
	    build_check_lock(build, err) < 0 ||
	    make_conf(&conf, recipe, err) < 0)
		return -1;
	if (contents_add_pith(plan, init.at, buf_slice(&conf),
			      buf_slice(filter), recipe->arch, err) < 0)
		return recipe_wrap(err, recipe, 0);
	return check_output(plan, build->output, err);
}

static int finish_archive(struct archive *archive, struct build *build,
			  const struct stack *stack, const struct layer *layers,
			  const struct sum *filter, struct err *err)
{
	struct manifest manifest;
	struct stat st;
	int result = manifest_make(&manifest, build->recipe, stack, layers,
				   filter, err);

	if (result == 0)
		result = archive_finish(archive, &manifest, err);
	build->manifest = manifest.manifest_sum;
	manifest_free(&manifest);
	if (result < 0)
		return -1;
	if (stat(build->output, &st) < 0)
		return err_set(err, errno, "%s", build->output);
	build->archive_size = (uint64_t)st.st_size;
	return 0;
}

static int write_layers(struct layer *layers, struct archive *archive,
			const struct stack *stack, const struct plan *plan,
			const struct build *build, struct err *err)
{
	for (size_t i = 0; i < stack->count; i++)
		if (archive_begin_layer(archive, err) < 0 ||
		    layer_write(&layers[i], archive->out.fd, plan,
				stack->layers[i], &build->codec, err) < 0 ||
		    archive_end_layer(archive, &layers[i], err) < 0)
			return err_wrap(err, "%s", build->output);
	return 0;
}

static int write_archive(struct build *build, const struct plan *plan,
			 const struct buf *filter, struct err *err)
{
	struct sum filter_sum = sum_of(buf_slice(filter));
	struct layer layers[PLAN_LAYERS];
	struct archive archive;
	struct stack stack;

	stack_of(&stack, plan);
	if (archive_create(&archive, build->output, err) < 0)
		return -1;
	int result = write_layers(layers, &archive, &stack, plan, build, err);

	if (result == 0)
		result = finish_archive(&archive, build, &stack, layers,
					&filter_sum, err);
	archive_discard(&archive);
	return result;
}

int build_image(struct build *build, struct err *err)
{
	struct plan plan = { 0 };
	auto_buf struct buf filter = { 0 };
	int result = make_plan(&plan, &filter, build, err);

	if (result == 0)
		result = write_archive(build, &plan, &filter, err);
	plan_free(&plan);
	return result;
}

int build_derive(struct build *build, struct err *err)
{
	struct plan plan = { 0 };
	auto_buf struct buf filter = { 0 };
	int result = make_plan(&plan, &filter, build, err);

	plan_free(&plan);
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
