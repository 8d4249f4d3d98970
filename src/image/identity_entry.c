#include "image/identity_work.h"

#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/scope.h"
#include "data/deb822.h"
#include "image/copy.h"
#include "image/view.h"

#define STATUS_D "/var/lib/dpkg/status.d/"

static const char origin[] = "the package's data";

static int add_text(struct identity *identity,
		    const struct identity_group *group, const struct buf *path,
		    const struct buf *text, struct err *err)
{
	if (plan_find(identity->plan, path->at))
		return 0;
	return plan_add(&identity->added,
			&(struct plan_entry){ .path = path->at,
					      .layer = group->layer,
					      .type = TAR_FILE,
					      .mode = 0644,
					      .size = text->len,
					      .bytes = buf_slice(text).at,
					      .origin = origin },
			err);
}

/* What dpkg notes of this machine, and not of the package. */
static bool is_of_machine(struct slice name)
{
	static const char *const names[] = { "Status", "Conffiles",
					     "Config-Version" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name.len == strlen(names[i]) &&
		    strncasecmp(name.at, names[i], name.len) == 0)
			return true;
	return false;
}

/* One package for two machines needs two names. */
static void name_status(struct buf *out, const struct identity_group *group)
{
	buf_fmt(out, STATUS_D "%.*s", SLICE_ARGS(group->package->name));
	if (group->is_further)
		buf_fmt(out, ":%.*s", SLICE_ARGS(group->package->arch));
}

static int add_control(struct identity *identity,
		       const struct identity_group *group, struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf text = { 0 };
	struct slice rest = group->package->paragraph;
	struct deb822_field field;

	while (deb822_field(&field, &rest)) {
		if (is_of_machine(field.name))
			continue;
		buf_add(&text, field.name.at, field.name.len);
		buf_text(&text, field.value.len && field.value.at[0] == '\n'
					? ":"
					: ": ");
		buf_add(&text, field.value.at, field.value.len);
		buf_text(&text, "\n");
	}
	name_status(&path, group);
	return add_text(identity, group, &path, &text, err);
}

/* A sum for each file that is the one that lists call path. */
static void add_sum(struct buf *out, const struct identity_group *group,
		    struct slice path, struct slice md5)
{
	size_t low = 0, high = group->count;

	path = dpkg_path(path);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (identity_compare_path(&group->files[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < group->count &&
	       identity_compare_path(&group->files[low], path) == 0;
	     low++)
		buf_fmt(out, "%.*s  %s\n", SLICE_ARGS(md5),
			group->files[low].entry->path + 1);
}

/* "MD5  usr/bin/x" a line. */
static void add_listed_sums(struct buf *out, const struct identity_group *group,
			    struct slice text)
{
	auto_buf struct buf path = { 0 };
	struct slice line, md5;

	while (slice_cut(&line, &text, '\n')) {
		if (!slice_word(&md5, &line))
			continue;
		line = slice_trim(line);
		path.len = 0;
		buf_text(&path, "/");
		buf_add(&path, line.at, line.len);
		add_sum(out, group, buf_slice(&path), md5);
	}
}

/* " /etc/x MD5" a line; configuration is in no list of sums. */
static void add_configuration_sums(struct buf *out,
				   const struct identity_group *group)
{
	struct slice text = deb822_get(group->package->paragraph, "Conffiles");
	struct slice line, path, md5;

	while (slice_cut(&line, &text, '\n'))
		if (slice_word(&path, &line) && slice_word(&md5, &line))
			add_sum(out, group, path, md5);
}

static int add_sums(struct identity *identity,
		    const struct identity_group *group, struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf text = { 0 };
	auto_free char *sums = NULL;
	size_t len;

	if (dpkg_load(&sums, &len, &identity->dpkg, group->package, "md5sums",
		      err) < 0)
		return -1;
	add_listed_sums(&text, group, (struct slice){ sums ? sums : "", len });
	add_configuration_sums(&text, group);
	name_status(&path, group);
	buf_text(&path, ".md5sums");
	return add_text(identity, group, &path, &text, err);
}

/* The entry of the same layer with that very file, or NULL. */
static const struct plan_entry *find_same(const struct plan *plan,
					  const struct stat *st,
					  enum plan_layer layer)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];

		if (entry->layer == layer && plan_is_file(entry, st))
			return entry;
	}
	return NULL;
}

int identity_add_link(struct identity *identity, const char *path,
		      const char *link, enum plan_layer layer, struct err *err)
{
	return plan_add(&identity->added,
			&(struct plan_entry){ .path = path,
					      .layer = layer,
					      .type = TAR_SYMLINK,
					      .mode = 0777,
					      .link = link,
					      .origin = origin },
			err);
}

/*
 * The root's file at path: 1, 0 where there is none, or -1. Some machines are
 * made without documentation.
 */
static int find_file(struct view_file *out, const struct identity *identity,
		     const char *path, struct err *err)
{
	const struct view view = { .root = identity->root };
	int got = view_find(out, &view, path, err);

	return got > 0 ? S_ISREG(out->st.st_mode) : got;
}

static int add_found(struct identity *identity, const char *path,
		     const struct view_file *file, enum plan_layer layer,
		     struct err *err)
{
	if (plan_find(identity->plan, path))
		return 0;
	return copy_add(&identity->added,
			&(struct copy){ .from = file->file.at,
					.to = path,
					.layer = layer,
					.origin = origin },
			NULL, err);
}

int identity_add_root_file(struct identity *identity, const char *path,
			   enum plan_layer layer, struct err *err)
{
	auto_view_file struct view_file file = { 0 };
	int got = find_file(&file, identity, path, err);

	return got > 0 ? add_found(identity, path, &file, layer, err) : got;
}

/* Packages of one source often have one copyright file, by links. */
static int add_copyright(struct identity *identity,
			 const struct identity_group *group, struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf link = { 0 };
	auto_view_file struct view_file file = { 0 };
	const struct plan_entry *same;

	buf_fmt(&path, IDENTITY_DOC "%.*s/copyright",
		SLICE_ARGS(group->package->name));
	int got = find_file(&file, identity, path.at, err);

	if (got <= 0)
		return got;
	same = find_same(&identity->added, &file.st, group->layer);
	if (!same)
		return add_found(identity, path.at, &file, group->layer, err);
	buf_text(&link, "../");
	buf_text(&link, same->path + strlen(IDENTITY_DOC));
	return identity_add_link(identity, path.at, link.at, group->layer, err);
}

int identity_add_package(struct identity *identity,
			 const struct identity_group *group, struct err *err)
{
	if (add_control(identity, group, err) < 0 ||
	    add_sums(identity, group, err) < 0 ||
	    (!group->is_further && add_copyright(identity, group, err) < 0))
		return err_wrap(err, "package %.*s",
				SLICE_ARGS(group->package->name));
	return 0;
}
