#include "image/identity_work.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/scope.h"
#include "image/root.h"

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

void identity_add_file(struct identity *identity,
		       const struct plan_entry *entry)
{
	auto_buf struct buf file = { 0 };

	plan_file(&file, entry);
	char *path = resolve(identity, file.at);
	const char *below = path ? root_inside(identity->root, path) : NULL;

	if (!below || !may_be_owned(below)) {
		free(path);
		return;
	}
	LIST_ADD(&identity->kept, path);
	LIST_ADD(&identity->files,
		 (struct identity_file){ .owner.path = below, .entry = entry });
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

static int ask(struct identity *identity, struct err *err)
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

int identity_compare_path(const struct identity_file *file, struct slice path)
{
	struct slice own = dpkg_path(slice_from(file->owner.path));
	size_t len = own.len < path.len ? own.len : path.len;
	int order = memcmp(own.at, path.at, len);

	return order ? order : (own.len > path.len) - (own.len < path.len);
}

/* By package, as the database has them, then by what lists call the file. */
static int compare_files(const void *a, const void *b)
{
	const struct identity_file *x = a;
	const struct identity_file *y = b;

	if (x->owner.package != y->owner.package)
		return x->owner.package < y->owner.package ? -1 : 1;
	int order = identity_compare_path(x,
					  dpkg_path(slice_from(y->owner.path)));

	return order ? order : strcmp(x->entry->path, y->entry->path);
}

int identity_find_owners(struct identity *identity, struct err *err)
{
	if (ask(identity, err) < 0)
		return -1;
	qsort(identity->files.at, identity->files.count,
	      sizeof(*identity->files.at), compare_files);
	return 0;
}
