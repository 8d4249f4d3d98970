#include "image/inventory.h"

#include <stdlib.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/evidence.h"
#include "image/inventory_work.h"
#include "image/reader.h"
#include "image/tree.h"

size_t inventory_add(struct inventory_work *work,
		     struct inventory_package package)
{
	size_t number = work->packages.count;

	LIST_ADD(&work->packages, (struct inventory_found){ package, number });
	return number;
}

static void free_package(struct inventory_package *package)
{
	free(package->name);
	free(package->version);
	free(package->arch);
	free(package->source);
	free(package->source_version);
	free(package->license);
	free(package->supplier);
	free(package->homepage);
	free(package->file);
}

static void free_files(struct inventory_file *files, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(files[i].path);
	free(files);
}

static bool is_same(const struct tree_node *node,
		    const struct evidence_file *file)
{
	return node->layer == file->layer && node->place == file->place;
}

/* What an upper layer has deleted or replaced is no evidence. */
static int judge(struct inventory_work *work, struct tree *tree,
		 struct err *err)
{
	struct tree_node node;
	int got = tree_rewind(tree, err);

	if (got < 0)
		return -1;
	while ((got = tree_next_there(&node, tree, err)) > 0) {
		struct evidence_file *file = evidence_find(work->evidence,
							   node.path);
		auto_buf struct buf path = { 0 };

		if (!file || !is_same(&node, file))
			continue;
		file->is_there = true;
		if (!file->is_elf)
			continue;
		buf_text(&path, "/");
		buf_text(&path, node.path);
		LIST_ADD(&work->files,
			 (struct inventory_file){
				 .path = mem_text(buf_slice(&path)),
				 .size = node.size,
				 .sha256 = node.content,
				 .owner = INVENTORY_NOBODY,
			 });
		memcpy(work->files.at[work->files.count - 1].sha1, file->sha1,
		       sizeof(file->sha1));
	}
	return got;
}

static int read_tree(struct inventory_work *work, const struct reader *reader,
		     const struct reader_image *image, struct err *err)
{
	const struct tree_visitor visitor = {
		.to = work->evidence,
		.entry = evidence_entry,
		.data = evidence_data,
		.end = evidence_end,
	};
	struct tree *tree = tree_read(reader, image, &visitor, err);

	if (!tree)
		return -1;
	evidence_sort(work->evidence);
	int result = judge(work, tree, err);

	tree_free(tree);
	return result;
}

/* KEY=value of os-release(5), without the quotes around it. */
static char *release_value(struct slice text, const char *key)
{
	struct slice line, name;

	while (slice_cut(&line, &text, '\n')) {
		if (!slice_cut(&name, &line, '=') || !slice_eq(name, key))
			continue;
		line = slice_trim(line);
		if (line.len > 1 && line.at[0] == '"' &&
		    line.at[line.len - 1] == '"')
			line = (struct slice){ line.at + 1, line.len - 2 };
		return mem_text(line);
	}
	return mem_text(SLICE(""));
}

static void read_release(struct inventory *out, struct evidence *evidence)
{
	const struct evidence_file *file = evidence_find(evidence,
							 "usr/lib/os-release");
	struct slice text = { "", 0 };

	if (!file || !file->is_there)
		file = evidence_find(evidence, "etc/os-release");
	if (file && file->is_there)
		text = buf_slice(&file->text);
	out->os_id = release_value(text, "ID");
	out->os_version = release_value(text, "VERSION_ID");
	out->os_name = release_value(text, "PRETTY_NAME");
}

static int compare_packages(const void *a, const void *b)
{
	const struct inventory_package *x =
		&((const struct inventory_found *)a)->package;
	const struct inventory_package *y =
		&((const struct inventory_found *)b)->package;
	int order = (int)x->kind - (int)y->kind;

	if (!order)
		order = strcmp(x->name, y->name);
	if (!order)
		order = strcmp(x->version, y->version);
	if (!order)
		order = strcmp(x->arch, y->arch);
	return order ? order : strcmp(x->file, y->file);
}

/* Two programs may be made of one module; two of one name are two. */
static bool is_one(const struct inventory_package *a,
		   const struct inventory_package *b)
{
	return a->kind == b->kind && a->kind != INVENTORY_PROGRAM &&
	       strcmp(a->name, b->name) == 0 &&
	       strcmp(a->version, b->version) == 0 &&
	       strcmp(a->arch, b->arch) == 0;
}

/* Sort, join what is one, and turn numbers into places. */
static void finish(struct inventory *out, struct inventory_work *work)
{
	const size_t count = work->packages.count;
	auto_free size_t *places = mem_new(count + 1, sizeof(*places));

	out->packages = mem_new(count + 1, sizeof(*out->packages));
	if (count)
		qsort(work->packages.at, count, sizeof(*work->packages.at),
		      compare_packages);
	for (size_t i = 0; i < count; i++) {
		struct inventory_found *found = &work->packages.at[i];
		size_t last = out->package_count;

		if (last && is_one(&out->packages[last - 1], &found->package))
			free_package(&found->package);
		else
			out->packages[out->package_count++] = found->package;
		places[found->number] = out->package_count - 1;
	}
	out->files = work->files.at;
	out->file_count = work->files.count;
	for (size_t i = 0; i < out->file_count; i++)
		out->files[i].owner = places[out->files[i].owner];
	free(work->packages.at);
}

static int read_name(struct inventory *out, const struct reader *reader,
		     const struct reader_image *image, struct err *err)
{
	const char *name = json_string_value(json_array_get(image->names, 0));
	const char *arch = reader_text(image->config, "architecture");
	const struct arch *known = arch ? arch_by_name(slice_from(arch)) : NULL;

	out->name = mem_text(slice_from(name ? name : ""));
	out->arch = known ? known->oci : "";
	struct sum config;

	/* What docker save writes has no manifest, and goes by its config. */
	if (!image->digest &&
	    reader_sum(&config, reader, image->config_member, err) < 0)
		return -1;
	out->digest = mem_text(
		slice_from(image->digest ? image->digest : config.text));
	return 0;
}

static int read_image(struct inventory *out, const struct reader *reader,
		      const struct reader_image *image, struct err *err)
{
	struct inventory_work work = { .evidence = evidence_new() };
	int result = read_tree(&work, reader, image, err);

	if (result == 0)
		result = read_name(out, reader, image, err);
	if (result == 0) {
		read_release(out, work.evidence);
		inventory_add_debian(&work);
		inventory_add_programs(&work);
		finish(out, &work);
	} else {
		free_files(work.files.at, work.files.count);
	}
	evidence_free(work.evidence);
	return result;
}

int inventory_read(struct inventory *out, const char *path,
		   const struct arch *arch, struct err *err)
{
	struct reader_image image = { 0 };
	struct reader reader;

	*out = (struct inventory){ .arch = "" };
	if (reader_open(&reader, path, err) < 0)
		return -1;
	int result = reader_image(&image, &reader, arch, err);

	if (result == 0)
		result = read_image(out, &reader, &image, err);
	reader_image_free(&image);
	reader_close(&reader);
	return result < 0 ? err_wrap(err, "%s", path) : 0;
}

void inventory_free(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->package_count; i++)
		free_package(&inventory->packages[i]);
	free_files(inventory->files, inventory->file_count);
	free(inventory->packages);
	free(inventory->name);
	free(inventory->digest);
	free(inventory->os_id);
	free(inventory->os_version);
	free(inventory->os_name);
}
