#include "image/identity.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/scope.h"
#include "data/deb822.h"
#include "image/copy.h"
#include "image/dpkg.h"
#include "image/plan.h"

#define STATUS_D   "/var/lib/dpkg/status.d/"
#define DOC	   "/usr/share/doc/"
#define OS_RELEASE "/usr/lib/os-release"

static const char origin[] = "the package's data";

/* A file of the plan, by its path on the machine or in its root. */
struct file {
	struct dpkg_owner owner;
	const struct plan_entry *entry;
};

/* The files of one package, by what lists call them. */
struct group {
	const struct file *files;
	size_t count;
	const struct dpkg_package *package;
	enum plan_layer layer; /* the lowest that one of them is in */
};

struct identity {
	const struct plan *plan;
	struct plan added;
	struct dpkg dpkg;
	char *root; /* without links; "" is this machine's */
	LIST(struct file) files;
	LIST(char *) kept;
	struct buf directory; /* the last one that was resolved, */
	struct buf resolved;  /* and what it is without links */
};

/* Files made at installation are in no list. */
static const struct {
	const char *path;
	const char *package;
} made[] = {
	{ "/etc/ssl/certs/ca-certificates.crt", "ca-certificates" },
};

/* Where packages put files; below others nobody has to be asked. */
static bool may_be_owned(const char *path)
{
	static const char *const places[] = { "/usr/",	"/lib",	 "/bin/",
					      "/sbin/", "/etc/", "/opt/",
					      "/var/" };
	struct slice text = slice_from(path);

	if (slice_has_prefix(text, "/usr/local/"))
		return false;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (slice_has_prefix(text, places[i]))
			return true;
	return false;
}

/* realpath(3) of a directory; whole trees come one after the other. */
static const char *resolve_directory(struct identity *identity,
				     struct slice directory)
{
	if (identity->resolved.at && identity->directory.len == directory.len &&
	    memcmp(identity->directory.at, directory.at, directory.len) == 0)
		return identity->resolved.at;
	identity->directory.len = identity->resolved.len = 0;
	buf_add(&identity->directory, directory.at, directory.len);
	auto_free char *real = realpath(
		directory.len ? identity->directory.at : ".", NULL);

	if (!real)
		return NULL;
	buf_text(&identity->resolved, strcmp(real, "/") == 0 ? "" : real);
	return buf_slice(&identity->resolved).at;
}

/* The file's path without links, which the caller frees, or NULL. */
static char *resolve(struct identity *identity, const char *file)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	struct buf path = { 0 };
	struct stat st;

	if (lstat(file, &st) < 0)
		return NULL;
	if (S_ISLNK(st.st_mode))
		return realpath(file, NULL);
	const char *directory = resolve_directory(
		identity, (struct slice){ file, (size_t)(name - file) });

	if (!directory)
		return NULL;
	buf_text(&path, directory);
	buf_text(&path, "/");
	buf_text(&path, name);
	return path.at;
}

/* The path below the root, or NULL for one that lies elsewhere. */
static const char *below_root(const struct identity *identity, const char *path)
{
	size_t len = strlen(identity->root);

	if (strncmp(path, identity->root, len) != 0 || path[len] != '/')
		return NULL;
	return path + len;
}

static void add_file(struct identity *identity, const struct plan_entry *entry)
{
	char *path = resolve(identity, entry->file);
	const char *below = path ? below_root(identity, path) : NULL;

	if (!below || !may_be_owned(below)) {
		free(path);
		return;
	}
	LIST_ADD(&identity->kept, path);
	LIST_ADD(&identity->files,
		 (struct file){ .owner.path = below, .entry = entry });
}

static const struct dpkg_package *find_maker(const struct identity *identity,
					     const char *path)
{
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++)
		if (strcmp(path, made[i].path) == 0)
			return dpkg_named(&identity->dpkg,
					  slice_from(made[i].package));
	return NULL;
}

static int find_owners(struct identity *identity, struct err *err)
{
	const size_t count = identity->files.count;
	auto_free struct dpkg_owner *owners = mem_new(count, sizeof(*owners));

	for (size_t i = 0; i < count; i++)
		owners[i] = identity->files.at[i].owner;
	if (dpkg_find_owners(owners, count, &identity->dpkg, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (!owners[i].package)
			owners[i].package = find_maker(identity,
						       owners[i].path);
		identity->files.at[i].owner = owners[i];
	}
	return 0;
}

static int compare_path(const struct file *file, struct slice path)
{
	struct slice own = dpkg_path(slice_from(file->owner.path));
	size_t len = own.len < path.len ? own.len : path.len;
	int order = memcmp(own.at, path.at, len);

	return order ? order : (own.len > path.len) - (own.len < path.len);
}

/* By package, as the database has them, then by what lists call the file. */
static int compare_files(const void *a, const void *b)
{
	const struct file *x = a;
	const struct file *y = b;

	if (x->owner.package != y->owner.package)
		return x->owner.package < y->owner.package ? -1 : 1;
	int order = compare_path(x, dpkg_path(slice_from(y->owner.path)));

	return order ? order : strcmp(x->entry->path, y->entry->path);
}

static int add_text(struct identity *identity, const struct group *group,
		    const struct buf *path, const struct buf *text,
		    struct err *err)
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

static int add_control(struct identity *identity, const struct group *group,
		       struct err *err)
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
	buf_fmt(&path, STATUS_D "%.*s", SLICE_ARGS(group->package->name));
	return add_text(identity, group, &path, &text, err);
}

/* A sum for each file that is the one that lists call path. */
static void add_sum(struct buf *out, const struct group *group,
		    struct slice path, struct slice md5)
{
	size_t low = 0, high = group->count;

	path = dpkg_path(path);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_path(&group->files[middle], path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (;
	     low < group->count && compare_path(&group->files[low], path) == 0;
	     low++)
		buf_fmt(out, "%.*s  %s\n", SLICE_ARGS(md5),
			group->files[low].entry->path + 1);
}

/* "MD5  usr/bin/x" a line. */
static void add_listed_sums(struct buf *out, const struct group *group,
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
static void add_configuration_sums(struct buf *out, const struct group *group)
{
	struct slice text = deb822_get(group->package->paragraph, "Conffiles");
	struct slice line, path, md5;

	while (slice_cut(&line, &text, '\n'))
		if (slice_word(&path, &line) && slice_word(&md5, &line))
			add_sum(out, group, path, md5);
}

static int add_sums(struct identity *identity, const struct group *group,
		    struct err *err)
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
	buf_fmt(&path, STATUS_D "%.*s.md5sums",
		SLICE_ARGS(group->package->name));
	return add_text(identity, group, &path, &text, err);
}

/* The entry of the same layer with that very file, or NULL. */
static const struct plan_entry *find_same(const struct plan *plan,
					  const struct stat *st,
					  enum plan_layer layer)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_entry *entry = &plan->entries[i];

		if (entry->file && entry->layer == layer &&
		    entry->stamp.inode == st->st_ino &&
		    entry->stamp.device == st->st_dev)
			return entry;
	}
	return NULL;
}

static int add_link(struct identity *identity, const char *path,
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

static int add_host_file(struct identity *identity, const char *path,
			 enum plan_layer layer, struct err *err)
{
	auto_buf struct buf from = { 0 };
	struct stat st;

	buf_text(&from, identity->root);
	buf_text(&from, path);
	/* Some machines are made without documentation. */
	if (plan_find(identity->plan, path) || stat(from.at, &st) < 0)
		return 0;
	return copy_add(&identity->added,
			&(struct copy){ .from = from.at,
					.to = path,
					.layer = layer,
					.origin = origin },
			NULL, err);
}

/* Packages of one source often have one copyright file, by links. */
static int add_copyright(struct identity *identity, const struct group *group,
			 struct err *err)
{
	auto_buf struct buf path = { 0 };
	auto_buf struct buf from = { 0 };
	auto_buf struct buf link = { 0 };
	const struct plan_entry *same;
	struct stat st;

	buf_fmt(&path, DOC "%.*s/copyright", SLICE_ARGS(group->package->name));
	buf_text(&from, identity->root);
	buf_text(&from, path.at);
	if (stat(from.at, &st) < 0 ||
	    !(same = find_same(&identity->added, &st, group->layer)))
		return add_host_file(identity, path.at, group->layer, err);
	buf_text(&link, "../");
	buf_text(&link, same->path + strlen(DOC));
	return add_link(identity, path.at, link.at, group->layer, err);
}

static int add_package(struct identity *identity, const struct group *group,
		       struct err *err)
{
	if (add_control(identity, group, err) < 0 ||
	    add_sums(identity, group, err) < 0 ||
	    add_copyright(identity, group, err) < 0)
		return err_wrap(err, "package %.*s",
				SLICE_ARGS(group->package->name));
	return 0;
}

/* Take the files of the next package off the front; those of none go first. */
static bool next_group(struct group *out, struct group *rest)
{
	*out = (struct group){ .files = rest->files, .layer = PLAN_LAYERS };
	if (!rest->count)
		return false;
	out->package = rest->files->owner.package;
	for (; rest->count && rest->files->owner.package == out->package;
	     rest->files++, rest->count--, out->count++)
		if (rest->files->entry->layer < out->layer)
			out->layer = rest->files->entry->layer;
	return true;
}

static int add_packages(struct identity *identity, enum plan_layer *lowest,
			struct err *err)
{
	struct group rest = { .files = identity->files.at,
			      .count = identity->files.count };
	struct group group;

	while (next_group(&group, &rest)) {
		if (!group.package)
			continue;
		if (add_package(identity, &group, err) < 0)
			return -1;
		if (group.layer < *lowest)
			*lowest = group.layer;
	}
	return 0;
}

static int add_release(struct identity *identity, enum plan_layer layer,
		       struct err *err)
{
	if (!identity->added.count ||
	    plan_find(identity->plan, "/etc/os-release"))
		return 0;
	if (add_host_file(identity, OS_RELEASE, layer, err) < 0)
		return -1;
	return add_link(identity, "/etc/os-release", ".." OS_RELEASE, layer,
			err);
}

static int collect(struct identity *identity, struct err *err)
{
	enum plan_layer lowest = PLAN_PROGRAM;
	int there = dpkg_open(&identity->dpkg, identity->root, err);

	if (there != 0)
		return there < 0 ? -1 : 0;
	if (find_owners(identity, err) < 0)
		return -1;
	qsort(identity->files.at, identity->files.count,
	      sizeof(*identity->files.at), compare_files);
	if (add_packages(identity, &lowest, err) < 0)
		return -1;
	return add_release(identity, lowest, err);
}

static int merge(struct plan *plan, const struct plan *added, struct err *err)
{
	for (size_t i = 0; i < added->count; i++)
		if (plan_add(plan, &added->entries[i], err) < 0)
			return -1;
	return added->count ? plan_finish(plan, err) : 0;
}

static void close_identity(struct identity *identity)
{
	for (size_t i = 0; i < identity->kept.count; i++)
		free(identity->kept.at[i]);
	free(identity->kept.at);
	free(identity->files.at);
	free(identity->root);
	buf_free(&identity->directory);
	buf_free(&identity->resolved);
	plan_free(&identity->added);
	dpkg_close(&identity->dpkg);
}

static int find_root(struct identity *identity, const char *root,
		     struct err *err)
{
	char *real = realpath(root ? root : "/", NULL);

	if (!real) {
		err_set(err, errno, "%s", root);
		return -1;
	}
	if (strcmp(real, "/") == 0)
		*real = '\0';
	identity->root = real;
	return 0;
}

int identity_add(struct plan *plan, const char *root, struct err *err)
{
	struct identity identity = { .plan = plan };

	if (find_root(&identity, root, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].type == TAR_FILE && plan->entries[i].file)
			add_file(&identity, &plan->entries[i]);
	int result = identity.files.count ? collect(&identity, err) : 0;

	if (result == 0)
		result = merge(plan, &identity.added, err);
	close_identity(&identity);
	return result;
}
