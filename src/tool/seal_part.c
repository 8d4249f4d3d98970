#include "tool/seal_part.h"

#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/archive.h"
#include "image/closure.h"
#include "image/contents.h"
#include "image/layer.h"
#include "image/look.h"
#include "image/manifest.h"
#include "image/recipe_exec.h"
#include "image/scan.h"
#include "image/seal.h"
#include "image/stack.h"
#include "image/start.h"
#include "image/tree.h"
#include "image/unpacked.h"
#include "tool/build.h"
#include "tool/own_name.h"
#include "tool/seal.h"
#include "tool/seal_service.h"
#include "tool/service_filter.h"

/* What it takes to make a part, and is not kept. */
struct work {
	struct seal_part *part;
	const struct seal_job *job;
	struct scan scan;
	struct tree *tree;
	struct unpacked unpacked; /* where the filter comes from its code */
};

/* For the automatic's find: the image's own files. */
static int find_code(struct libraries *out, void *of, const char *path,
		     struct err *err)
{
	const struct work *work = of;

	return unpacked_find(out, &work->unpacked, path, NULL, 0, err);
}

static int read_code(struct work *work, struct err *err)
{
	const struct tree_visitor visitor = { &work->unpacked, unpacked_entry,
					      unpacked_data, unpacked_end };

	unpacked_open(&work->unpacked);
	work->tree = tree_read(&work->job->reader, &work->part->image, &visitor,
			       err);
	if (!work->tree)
		return -1;
	work->job->build->automatic.find = find_code;
	work->job->build->automatic.of = work;
	return unpacked_plan(&work->unpacked, work->tree, err);
}

static int read_tree(struct work *work, struct err *err)
{
	struct look *look = look_new();
	const struct tree_visitor visitor = { look, look_entry, look_data,
					      look_end };

	work->tree = tree_read(&work->job->reader, &work->part->image, &visitor,
			       err);
	look_free(look);
	return work->tree ? 0 : -1;
}

/* The file's node; of a hard link the one that it leads to. */
static int find_program(struct tree_node *node, const struct work *work,
			struct buf *path, struct err *err)
{
	const struct seal_part *part = work->part;
	const json_t *config = json_object_get(part->image.config, "config");
	const char *name = part->recipe.service.exec.at[0];
	auto_buf struct buf file = { 0 };
	auto_buf struct buf link = { 0 };
	int got = start_find(node, path, &file, work->tree, config, name, err);

	if (got > 0 && node->type == TAR_HARDLINK) {
		buf_text(&link, node->link);
		got = tree_find(node, work->tree, link.at, err);
	}
	if (got == 0)
		return err_set(err, 0, "its program %s is not in it", name);
	if (got > 0 && node->type != TAR_FILE)
		return err_set(err, 0, "its program %s is no file", name);
	return got < 0 ? -1 : 0;
}

/* The program by its absolute path, and the filter that is made for it. */
static int make_filter(struct buf *conf, struct work *work, struct err *err)
{
	struct seal_part *part = work->part;
	struct service *service = &part->recipe.service;
	struct closure_program program;
	auto_buf struct buf path = { 0 };
	struct tree_node node;

	if (find_program(&node, work, &path, err) < 0)
		return -1;
	buf_fmt(&part->path, "/%s", path.at);
	service->exec.at[0] = part->path.at;
	if (start_program(&program, part->path.at, node.size, node.notes,
			  part->recipe.arch, service->allow_exec, err) < 0)
		return -1;
	return build_parts(conf, &part->filter, work->job->build, &program,
			   err);
}

/* Everything that can be wrong is found here, before any output exists. */
static int prepare(struct work *work, struct err *err)
{
	struct seal_part *part = work->part;
	const json_t *config = json_object_get(part->image.config, "config");
	auto_buf struct buf conf = { 0 };
	auto_buf struct buf init = { 0 };

	if (own_name(&part->recipe, &part->name, &part->image, part->reference,
		     err) < 0)
		return -1;
	part->words = start_words(config);
	if (seal_service(&part->recipe.service, config, part->words,
			 &work->scan, err) < 0 ||
	    make_filter(&conf, work, err) < 0 ||
	    seal_plan(&part->plan, work->tree, err) < 0 ||
	    init_file_find(&init, &work->job->build->init, part->recipe.arch,
			   work->job->images.archs, work->job->images.count,
			   err) < 0)
		return -1;
	const struct contents_pith pith = {
		.init = init.at,
		.program = part->path.at,
		.conf = buf_slice(&conf),
		.filter = buf_slice(&part->filter),
		.arch = part->recipe.arch,
	};

	return contents_add_pith(&part->plan, &pith, err);
}

static int read_service(struct seal_part *part, const struct seal_job *job,
			struct err *err)
{
	const struct seal *seal = job->seal;

	if (job->service)
		part->text = mem_text(slice_from(job->service));
	if (seal_read_service(&part->recipe, part->text, seal->service, err) <
	    0)
		return -1;
	part->recipe.also.at = (char **)(uintptr_t)seal->also;
	part->recipe.also.count = seal->also_count;
	if (seal->reference)
		part->reference = mem_text(slice_from(seal->reference));
	return 0;
}

/* What it was that was derived before was another image's. */
static int make(struct work *work, struct err *err)
{
	struct build *build = work->job->build;

	build->recipe = &work->part->recipe;
	automatic_free(&build->automatic);
	if (scan_image(&work->scan, &work->job->reader, &work->part->image,
		       err) < 0 ||
	    (service_filter_is_derived(build) ? read_code(work, err)
					      : read_tree(work, err)) < 0)
		return -1;
	return prepare(work, err);
}

/* One that may start programs, and is not there, is a slip of the pen. */
static int check_exec(const struct seal_part *part, const struct seal_job *job,
		      struct err *err)
{
	const struct recipe_archs *exec = &part->recipe.exec;

	for (size_t i = 0; i < exec->count; i++)
		if (!seal_images_list(&job->images, exec->at[i]))
			return err_set(err, 0,
				       "AllowExec: no image for linux/%s",
				       exec->at[i]->oci);
	return 0;
}

int seal_part_make(struct seal_part *part, struct seal_job *job, size_t i,
		   struct err *err)
{
	struct work work = { .part = part, .job = job };

	/* A fault of --service is no image's. */
	if (read_service(part, job, err) < 0)
		return -1;
	int result = seal_images_read(&part->image, &job->images, i, err);

	recipe_choose(&part->recipe, job->images.archs[i]);
	if (result == 0 && check_exec(part, job, err) < 0)
		return err_wrap(err, "%s", job->seal->input);
	if (result == 0)
		result = make(&work, err);
	if (result < 0 && job->images.count > 1)
		err_wrap(err, "linux/%s", part->recipe.arch->oci);
	scan_free(&work.scan);
	tree_free(work.tree);
	unpacked_close(&work.unpacked);
	return result < 0 ? err_wrap(err, "%s", job->seal->input) : 0;
}

static int write_top(struct layer *out, struct archive *archive,
		     const struct seal_part *part, const struct build *build,
		     struct err *err)
{
	if (archive_begin_layer(archive, err) < 0 ||
	    layer_write(out, archive->out.fd, &part->plan, STACK_ALL,
			&build->codec, err) < 0)
		return -1;
	return archive_end_layer(archive, out, err);
}

int seal_part_write(struct manifest *out, struct archive *archive,
		    const struct seal_part *part, const struct seal_job *job,
		    struct err *err)
{
	const struct reader_image *image = &part->image;
	auto_free struct manifest_layer *layers = mem_new(
		image->layer_count + 1, sizeof(*layers));
	struct sum filter = sum_of(buf_slice(&part->filter));
	struct layer top;

	if (seal_copy(archive, layers, &job->reader, image, err) < 0 ||
	    write_top(&top, archive, part, job->build, err) < 0)
		return err_wrap(err, "%s", job->build->output);
	layers[image->layer_count] =
		(struct manifest_layer){ top.digest, top.size, top.kind };
	return manifest_assemble(
		out,
		&(struct manifest_parts){
			.config = seal_config(image, &part->recipe,
					      &top.diff_id),
			.arch = part->recipe.arch,
			.layers = layers,
			.layer_count = image->layer_count + 1,
			.name = part->recipe.name,
			.tag = part->recipe.tag,
			.filter_status = part->recipe.filter.status },
		&filter, err);
}

void seal_part_free(struct seal_part *part)
{
	/* The caller's. */
	part->recipe.also = (struct recipe_list){ 0 };
	recipe_free(&part->recipe);
	plan_free(&part->plan);
	buf_free(&part->name);
	buf_free(&part->path);
	buf_free(&part->filter);
	json_decref(part->words);
	reader_image_free(&part->image);
	free(part->text);
	free(part->reference);
}
