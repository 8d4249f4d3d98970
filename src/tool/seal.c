#include "tool/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/archive.h"
#include "image/closure.h"
#include "image/contents.h"
#include "image/init_file.h"
#include "image/layer.h"
#include "image/look.h"
#include "image/manifest.h"
#include "image/plan.h"
#include "image/recipe.h"
#include "image/seal.h"
#include "image/stack.h"
#include "image/start.h"
#include "image/tree.h"
#include "image/unpacked.h"
#include "tool/build.h"
#include "tool/own_name.h"
#include "tool/seal_service.h"
#include "tool/service_filter.h"
#include "tool/subject.h"

/* What sealing an image goes through, and has to free in the end. */
struct work {
	struct build *build;
	struct recipe *recipe; /* build's: never written, of the service */
	struct subject subject;
	struct tree *tree;
	struct unpacked unpacked; /* where the filter comes from its code */
	json_t *words;
	char *text; /* of --service */
	struct buf name, path;
	struct buf conf, filter;
	struct plan plan;
};

static int set_arch(struct work *work, struct err *err)
{
	const char *name = json_string_value(
		json_object_get(work->subject.image.config, "architecture"));

	work->recipe->arch = name ? arch_by_name(slice_from(name)) : NULL;
	if (!work->recipe->arch)
		return err_set(err, 0, "its architecture %s is not known",
			       name ? name : "(none)");
	return 0;
}

/* For the automatic's find: the image's own files. */
static int find_code(struct libraries *out, void *of, const char *path,
		     struct err *err)
{
	const struct work *work = of;

	return unpacked_find(out, &work->unpacked, path, NULL, 0, err);
}

static struct tree *read_code(struct work *work, struct err *err)
{
	const struct tree_visitor visitor = { &work->unpacked, unpacked_entry,
					      unpacked_data, unpacked_end };
	struct tree *tree = tree_read(&work->subject.reader,
				      &work->subject.image, &visitor, err);

	if (tree && unpacked_plan(&work->unpacked, tree, err) < 0) {
		tree_free(tree);
		return NULL;
	}
	work->build->automatic.find = find_code;
	work->build->automatic.of = work;
	return tree;
}

static struct tree *read_tree(struct work *work, struct err *err)
{
	struct look *look = look_new();
	const struct tree_visitor visitor = { look, look_entry, look_data,
					      look_end };
	struct tree *tree = tree_read(&work->subject.reader,
				      &work->subject.image, &visitor, err);

	look_free(look);
	return tree;
}

static int open_image(struct work *work, const struct seal *seal,
		      struct err *err)
{
	struct subject *subject = &work->subject;
	bool is_derived = service_filter_is_derived(work->build);

	if (subject_open(subject, seal->input, seal->arch, err) < 0)
		return -1;
	if (is_derived)
		unpacked_open(&work->unpacked);
	work->tree = is_derived ? read_code(work, err) : read_tree(work, err);
	if (!work->tree)
		return err_wrap(err, "%s", seal->input);
	return 0;
}

/* The file's node; of a hard link the one that it leads to. */
static int find_program(struct tree_node *node, struct work *work,
			struct buf *path, struct err *err)
{
	const json_t *config = json_object_get(work->subject.image.config,
					       "config");
	const char *name = work->recipe->service.exec.at[0];
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
static int make_parts(struct work *work, struct err *err)
{
	struct service *service = &work->recipe->service;
	struct closure_program program;
	auto_buf struct buf path = { 0 };
	struct tree_node node;

	if (find_program(&node, work, &path, err) < 0)
		return -1;
	buf_text(&work->path, "/");
	buf_text(&work->path, path.at);
	service->exec.at[0] = work->path.at;
	if (start_program(&program, work->path.at, node.size, node.notes,
			  work->recipe->arch, service->allow_exec, err) < 0)
		return -1;
	return build_parts(&work->conf, &work->filter, work->build, &program,
			   err);
}

/* Everything that can be wrong is found here, before any output exists. */
static int prepare(struct work *work, const struct seal *seal, struct err *err)
{
	const json_t *config = json_object_get(work->subject.image.config,
					       "config");
	auto_buf struct buf init = { 0 };

	if (set_arch(work, err) < 0 ||
	    own_name(work->recipe, &work->name, &work->subject.image,
		     seal->reference, err) < 0)
		return -1;
	work->words = start_words(config);
	if (seal_service(&work->recipe->service, config, work->words,
			 &work->subject.scan, err) < 0 ||
	    make_parts(work, err) < 0 ||
	    seal_plan(&work->plan, work->tree, err) < 0)
		return -1;
	if (init_file_find(&init, work->build->init, work->recipe->arch, err) <
	    0)
		return -1;
	struct contents_pith pith = {
		.init = init.at,
		.program = work->recipe->service.exec.at[0],
		.conf = buf_slice(&work->conf),
		.filter = buf_slice(&work->filter),
		.arch = work->recipe->arch,
	};

	return contents_add_pith(&work->plan, &pith, err);
}

static int finish(struct archive *archive, struct work *work,
		  struct manifest_layer *layers, const struct layer *top,
		  struct err *err)
{
	const struct reader_image *image = &work->subject.image;
	struct sum filter = sum_of(buf_slice(&work->filter));
	struct manifest manifest;
	struct stat st;

	layers[image->layer_count] =
		(struct manifest_layer){ top->digest, top->size, top->kind };
	int result = manifest_assemble(
		&manifest,
		&(struct manifest_parts){
			.config = seal_config(image, work->recipe,
					      &top->diff_id),
			.arch = work->recipe->arch,
			.layers = layers,
			.layer_count = image->layer_count + 1,
			.name = work->recipe->name,
			.tag = work->recipe->tag,
			.filter_status = work->recipe->filter.status },
		&filter, err);

	if (result == 0)
		result = archive_finish(archive, &manifest, err);
	work->build->manifest = manifest.manifest_sum;
	manifest_free(&manifest);
	if (result < 0)
		return -1;
	if (stat(work->build->output, &st) < 0)
		return err_set(err, errno, "%s", work->build->output);
	work->build->archive_size = (uint64_t)st.st_size;
	return 0;
}

static int write_archive(struct work *work, struct err *err)
{
	const struct reader_image *image = &work->subject.image;
	struct manifest_layer *layers = mem_new(image->layer_count + 1,
						sizeof(*layers));
	struct archive archive;
	struct layer top;
	int result = archive_create(&archive, work->build->output, err);

	if (result == 0) {
		if (seal_copy(&archive, layers, &work->subject.reader, image,
			      err) < 0 ||
		    archive_begin_layer(&archive, err) < 0 ||
		    layer_write(&top, archive.out.fd, &work->plan, STACK_ALL,
				&work->build->codec, err) < 0 ||
		    archive_end_layer(&archive, &top, err) < 0)
			result = err_wrap(err, "%s", work->build->output);
		else
			result = finish(&archive, work, layers, &top, err);
		archive_discard(&archive);
	}
	free(layers);
	return result;
}

int seal_image(const struct seal *seal, struct build *build, struct err *err)
{
	struct work work = { .build = build,
			     .recipe = build->recipe,
			     .subject.reader.fd = -1 };
	int result = seal_read_service(work.recipe, &work.text, seal->service,
				       err);

	work.recipe->also.at = (char **)(uintptr_t)seal->also;
	work.recipe->also.count = seal->also_count;
	if (result == 0)
		result = open_image(&work, seal, err);
	if (result == 0 && prepare(&work, seal, err) < 0)
		result = err_wrap(err, "%s", seal->input);
	if (result == 0)
		result = write_archive(&work, err);
	if (result == 0)
		build_print(build);
	plan_free(&work.plan);
	buf_free(&work.name);
	buf_free(&work.path);
	buf_free(&work.conf);
	buf_free(&work.filter);
	json_decref(work.words);
	tree_free(work.tree);
	unpacked_close(&work.unpacked);
	subject_close(&work.subject);
	free(work.text);
	return result;
}
