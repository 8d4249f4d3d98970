/* Debian's packages in an image, by what its database says there. */
#include <stdlib.h>

#include "base/err.h"
#include "data/deb822.h"
#include "image/dpkg.h"
#include "image/evidence.h"
#include "image/inventory_work.h"
#include "image/license.h"
#include "image/name.h"

#define DATABASE "var/lib/dpkg/"
#define DOC	 "usr/share/doc/"

static struct slice text_of(struct evidence *evidence, const char *path)
{
	const struct evidence_file *file = evidence_find(evidence, path);

	if (!file || !file->is_there)
		return (struct slice){ "", 0 };
	return buf_slice(&file->text);
}

/* The copyright file's text; it, or its directory, may be a link to another. */
static struct slice copyright_of(struct evidence *evidence, struct slice name)
{
	auto_buf struct buf path = { 0 };
	const struct evidence_file *link;
	struct slice to;

	buf_fmt(&path, DOC "%.*s", SLICE_ARGS(name));
	link = evidence_find(evidence, path.at);
	if (link && link->is_link && link->is_there) {
		path.len = strlen(DOC);
		to = buf_slice(&link->text);
		buf_add(&path, to.at, to.len);
	}
	buf_text(&path, "/copyright");
	link = evidence_find(evidence, path.at);
	to = link ? buf_slice(&link->text) : SLICE("");
	if (link && link->is_link && link->is_there &&
	    slice_has_prefix(to, "../")) {
		path.len = strlen(DOC);
		buf_add(&path, to.at + 3, to.len - 3);
	}
	return text_of(evidence, path.at);
}

static char *license_of(struct evidence *evidence, struct slice name)
{
	auto_buf struct buf text = { 0 };

	license_expression(&text, copyright_of(evidence, name));
	return mem_text(buf_slice(&text));
}

/* "gcc-12", or "gcc-12 (12.2.0-14)" where the versions differ. */
static void read_source(struct inventory_package *package,
			struct slice paragraph)
{
	struct slice text = deb822_get(paragraph, "Source");
	struct slice name = deb822_get(paragraph, "Package");
	struct slice version = deb822_get(paragraph, "Version");

	if (text.len) {
		slice_word(&name, &text);
		text = slice_trim(text);
		if (text.len > 2 && text.at[0] == '(')
			version = (struct slice){ text.at + 1, text.len - 2 };
	}
	package->source = mem_text(name);
	package->source_version = mem_text(version);
}

static void add_paragraph(struct inventory_work *work, struct slice paragraph)
{
	struct slice name = deb822_get(paragraph, "Package");
	struct inventory_package package = { .kind = INVENTORY_DEBIAN };

	if (!name.len)
		return;
	package.name = mem_text(name);
	package.version = mem_text(deb822_get(paragraph, "Version"));
	package.arch = mem_text(deb822_get(paragraph, "Architecture"));
	package.supplier = mem_text(deb822_get(paragraph, "Maintainer"));
	package.homepage = mem_text(deb822_get(paragraph, "Homepage"));
	package.license = license_of(work->evidence, name);
	package.file = mem_text(SLICE(""));
	read_source(&package, paragraph);
	inventory_add(work, package);
}

static void add_status(struct inventory_work *work, struct slice text)
{
	struct slice paragraph;

	while (deb822_paragraph(&paragraph, &text)) {
		struct slice status = deb822_get(paragraph, "Status");

		/* status.d/ holds what is there, and says no more of it. */
		if (!status.len ||
		    memmem(status.at, status.len, " installed", 10))
			add_paragraph(work, paragraph);
	}
}

static bool has_suffix(const char *path, const char *suffix)
{
	size_t len = strlen(path);

	return len > strlen(suffix) &&
	       strcmp(path + len - strlen(suffix), suffix) == 0;
}

static bool has_prefix(const char *path, const char *prefix)
{
	return strncmp(path, prefix, strlen(prefix)) == 0;
}

/* The number of the package by that name and, unless empty, architecture. */
static size_t find_package(const struct inventory_work *work, struct slice name)
{
	struct slice plain;

	slice_cut(&plain, &name, ':');
	for (size_t i = 0; i < work->packages.count; i++) {
		const struct inventory_package *package =
			&work->packages.at[i].package;

		if (slice_eq(plain, package->name) &&
		    (!name.len || slice_eq(name, package->arch)))
			return work->packages.at[i].number;
	}
	return INVENTORY_NOBODY;
}

/* By the name that lists may give it: see dpkg_path(). */
static int compare_path(struct slice a, const char *b)
{
	struct slice x = dpkg_path(a);
	struct slice y = dpkg_path(slice_from(b));
	int order = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);

	return order ? order : (x.len > y.len) - (x.len < y.len);
}

static int compare_files(const void *a, const void *b)
{
	const struct inventory_file *x = *(struct inventory_file *const *)a;
	const struct inventory_file *y = *(struct inventory_file *const *)b;

	return compare_path(slice_from(x->path), y->path);
}

/* The image's files in the order of compare_path(). */
struct index {
	struct inventory_file **at;
	size_t count;
};

static void own(const struct index *index, struct slice path, size_t package)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_path(path, index->at[middle]->path) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < index->count &&
	       compare_path(path, index->at[low]->path) == 0;
	     low++)
		index->at[low]->owner = package;
}

/* Lines are paths; of sums "MD5  PATH", without the first slash. */
static void read_list(const struct index *index, struct slice text,
		      bool is_sums, size_t package)
{
	auto_buf struct buf path = { 0 };
	struct slice line, md5;

	while (slice_cut(&line, &text, '\n')) {
		if (is_sums && !slice_word(&md5, &line))
			continue;
		line = slice_trim(line);
		path.len = 0;
		buf_text(&path, is_sums ? "/" : "");
		buf_add(&path, line.at, line.len);
		own(index, buf_slice(&path), package);
	}
}

static void read_lists(struct inventory_work *work, const struct index *index)
{
	static const char lists[] = DATABASE "info/";
	static const char sums[] = DATABASE "status.d/";
	size_t count;
	const struct evidence_file *files = evidence_files(&count,
							   work->evidence);

	for (size_t i = 0; i < count; i++) {
		const char *path = files[i].path;
		bool is_sums = has_prefix(path, sums) &&
			       has_suffix(path, ".md5sums");
		bool is_list = has_prefix(path, lists);

		if (!files[i].is_there || (!is_sums && !is_list))
			continue;
		struct slice name = slice_from(name_base(path));

		name.len -= strlen(is_sums ? ".md5sums" : ".list");
		read_list(index, buf_slice(&files[i].text), is_sums,
			  find_package(work, name));
	}
}

static void find_owners(struct inventory_work *work)
{
	struct index index = { .count = work->files.count };

	if (!index.count)
		return;
	index.at = mem_new(index.count, sizeof(struct inventory_file *));
	for (size_t i = 0; i < index.count; i++)
		index.at[i] = &work->files.at[i];
	qsort(index.at, index.count, sizeof(struct inventory_file *),
	      compare_files);
	read_lists(work, &index);
	free(index.at);
}

void inventory_add_debian(struct inventory_work *work)
{
	size_t count;
	const struct evidence_file *files = evidence_files(&count,
							   work->evidence);

	add_status(work, text_of(work->evidence, DATABASE "status"));
	for (size_t i = 0; i < count; i++)
		if (files[i].is_there &&
		    has_prefix(files[i].path, DATABASE "status.d/") &&
		    !has_suffix(files[i].path, ".md5sums"))
			add_status(work, buf_slice(&files[i].text));
	find_owners(work);
}
