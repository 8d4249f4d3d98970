#include "image/dpkg.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/scope.h"
#include "data/deb822.h"
#include "image/root.h"

#define DATABASE "/var/lib/dpkg/"

static int compare_slices(struct slice a, struct slice b)
{
	int order = memcmp(a.at, b.at, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_packages(const void *a, const void *b)
{
	const struct dpkg_package *x = a;
	const struct dpkg_package *y = b;
	int order = compare_slices(x->name, y->name);

	return order ? order : compare_slices(x->arch, y->arch);
}

/* "install ok installed": the third word says what is there. */
static bool is_installed(struct slice paragraph)
{
	struct slice status = deb822_get(paragraph, "Status");
	struct slice word = { "", 0 };

	for (int i = 0; i < 3; i++)
		if (!slice_word(&word, &status))
			return false;
	return slice_eq(word, "installed");
}

/* As dpkg's pkg_name_is_illegal(): names become those of files. */
static bool is_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!isalnum((unsigned char)name.at[i]) &&
		    (!i || !strchr("-+._", name.at[i])))
			return false;
	return name.len > 0;
}

static void read_packages(struct dpkg *dpkg, struct slice rest)
{
	LIST(struct dpkg_package) found = { 0 };
	struct slice paragraph;

	while (deb822_paragraph(&paragraph, &rest)) {
		if (!is_installed(paragraph) ||
		    !is_name(deb822_get(paragraph, "Package")))
			continue;
		LIST_ADD(&found,
			 (struct dpkg_package){
				 .name = deb822_get(paragraph, "Package"),
				 .arch = deb822_get(paragraph, "Architecture"),
				 .paragraph = paragraph,
			 });
	}
	dpkg->packages = found.at;
	dpkg->count = found.count;
	if (found.count)
		qsort(found.at, found.count, sizeof(*found.at),
		      compare_packages);
}

static bool is_absent(int number)
{
	return number == ENOENT || number == ENOTDIR || number == ELOOP ||
	       number == EACCES;
}

int dpkg_open(struct dpkg *out, const struct root *root, struct err *err)
{
	size_t len;

	*out = (struct dpkg){ .root = root };
	if (root_load(&out->status, &len, root, DATABASE "status",
		      DPKG_STATUS_MAX, err) < 0)
		return is_absent(err->num) ? 1 : -1;
	read_packages(out, (struct slice){ out->status, len });
	return 0;
}

void dpkg_close(struct dpkg *dpkg)
{
	free(dpkg->status);
	free(dpkg->packages);
	*dpkg = (struct dpkg){ 0 };
}

struct slice dpkg_path(struct slice path)
{
	static const char *const merged[] = { "/usr/bin/",   "/usr/sbin/",
					      "/usr/lib/",   "/usr/lib32/",
					      "/usr/lib64/", "/usr/libx32/" };
	static const size_t usr = sizeof("/usr") - 1;

	for (size_t i = 0; i < sizeof(merged) / sizeof(merged[0]); i++)
		if (slice_has_prefix(path, merged[i]))
			return (struct slice){ path.at + usr, path.len - usr };
	return path;
}

/* "NAME.list" or "NAME:ARCH.list" in info/. */
static const struct dpkg_package *find_package(const struct dpkg *dpkg,
					       struct slice file)
{
	struct slice name;
	struct slice arch = file;

	slice_cut(&name, &arch, ':');
	for (size_t low = 0, high = dpkg->count; low < high;) {
		size_t middle = low + (high - low) / 2;
		const struct dpkg_package *package = &dpkg->packages[middle];
		int order = compare_slices(name, package->name);

		if (order == 0 && arch.len)
			order = compare_slices(arch, package->arch);
		if (order == 0)
			return package;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const struct dpkg_package *dpkg_named(const struct dpkg *dpkg,
				      struct slice name)
{
	for (size_t i = 0; i < dpkg->count; i++)
		if (compare_slices(dpkg->packages[i].name, name) == 0)
			return &dpkg->packages[i];
	return NULL;
}

/*
 * A path that lists are searched for. A package may divert another's path,
 * whose own file then lies elsewhere: at the path only who diverts it counts,
 * and where its file went everybody but that one. dpkg-divert(1).
 */
struct wanted {
	struct dpkg_owner *owner;
	struct slice path; /* by dpkg_path() */
	struct slice by;   /* who diverts it; empty: nobody */
	bool is_original;  /* the owner's file is what was diverted */
};

struct search {
	LIST(struct wanted) wanted;
	size_t *slots; /* by hash of the path: an index plus one, or 0 */
	size_t mask;
};

static void add_diverted(struct search *search, size_t count, struct slice from,
			 struct slice to, struct slice by)
{
	from = dpkg_path(from);
	to = dpkg_path(to);
	for (size_t i = 0; i < count; i++) {
		struct wanted *wanted = &search->wanted.at[i];

		if (slice_same(wanted->path, from))
			wanted->by = by;
		if (slice_same(wanted->path, to))
			LIST_ADD(&search->wanted,
				 (struct wanted){ wanted->owner, from, by,
						  true });
	}
}

/* Three lines each: the path, where its file went, for whom (":": a person). */
static void add_diversions(struct search *search, struct slice text)
{
	const size_t count = search->wanted.count;
	struct slice from, to, by;

	while (slice_cut(&from, &text, '\n') && slice_cut(&to, &text, '\n') &&
	       slice_cut(&by, &text, '\n'))
		add_diverted(search, count, from, to, by);
}

static void fill_slots(struct search *search)
{
	size_t size = 64;

	while (size < 2 * search->wanted.count)
		size *= 2;
	search->slots = mem_new(size, sizeof(size_t));
	search->mask = size - 1;
	for (size_t i = 0; i < search->wanted.count; i++) {
		size_t at = slice_hash(search->wanted.at[i].path) &
			    search->mask;

		while (search->slots[at])
			at = (at + 1) & search->mask;
		search->slots[at] = i + 1;
	}
}

/* A package lists that path. */
static void tell(const struct search *search, struct slice path,
		 const struct dpkg_package *package)
{
	path = dpkg_path(path);
	for (size_t at = slice_hash(path) & search->mask; search->slots[at];
	     at = (at + 1) & search->mask) {
		const struct wanted *wanted =
			&search->wanted.at[search->slots[at] - 1];
		bool diverts = slice_same(wanted->by, package->name);

		if (slice_same(wanted->path, path) &&
		    (!wanted->by.len || diverts != wanted->is_original))
			wanted->owner->package = package;
	}
}

/* *data is NULL where there is no such file. */
static int load(char **data, size_t *len, const struct dpkg *dpkg,
		const char *name, struct err *err)
{
	auto_buf struct buf path = { 0 };

	*data = NULL;
	*len = 0;
	buf_text(&path, DATABASE);
	buf_text(&path, name);
	if (root_load(data, len, dpkg->root, path.at, DPKG_LIST_MAX, err) == 0)
		return 0;
	return err->num == ENOENT ? 0 : -1;
}

static int read_list(const struct search *search, const struct dpkg *dpkg,
		     const struct dpkg_package *package, const char *file,
		     struct err *err)
{
	auto_buf struct buf name = { 0 };
	auto_free char *text = NULL;
	struct slice rest, line;
	size_t len;

	buf_text(&name, "info/");
	buf_text(&name, file);
	if (load(&text, &len, dpkg, name.at, err) < 0)
		return -1;
	rest = (struct slice){ text ? text : "", len };
	while (slice_cut(&line, &rest, '\n'))
		tell(search, line, package);
	return 0;
}

static int read_lists(const struct search *search, const struct dpkg *dpkg,
		      DIR *dir, struct err *err)
{
	struct dirent *item;

	while (errno = 0, (item = readdir(dir))) {
		struct slice name = slice_from(item->d_name);
		const char *dot = memrchr(name.at, '.', name.len);

		if (!dot || strcmp(dot, ".list") != 0)
			continue;
		name.len = (size_t)(dot - name.at);
		const struct dpkg_package *package = find_package(dpkg, name);

		if (package &&
		    read_list(search, dpkg, package, item->d_name, err) < 0)
			return -1;
	}
	return errno ? err_set(err, errno, "%s" DATABASE "info",
			       dpkg->root->path)
		     : 0;
}

static int search_lists(const struct search *search, const struct dpkg *dpkg,
			struct err *err)
{
	int fd = root_at(dpkg->root, DATABASE "info", O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir) {
		err_set(err, errno, "%s" DATABASE "info", dpkg->root->path);
		scope_close(&fd);
		return -1;
	}
	int result = read_lists(search, dpkg, dir, err);

	closedir(dir);
	return result;
}

int dpkg_find_owners(struct dpkg_owner *owners, size_t count,
		     const struct dpkg *dpkg, struct err *err)
{
	struct search search = { 0 };
	auto_free char *diversions = NULL;
	size_t len;

	if (load(&diversions, &len, dpkg, "diversions", err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		owners[i].package = NULL;
		LIST_ADD(&search.wanted,
			 (struct wanted){
				 .owner = &owners[i],
				 .path = dpkg_path(slice_from(owners[i].path)),
			 });
	}
	add_diversions(&search,
		       (struct slice){ diversions ? diversions : "", len });
	fill_slots(&search);
	int result = search_lists(&search, dpkg, err);

	free(search.wanted.at);
	free(search.slots);
	return result;
}

/* The files of packages that may be there for two machines bear its name. */
int dpkg_load(char **data, size_t *len, const struct dpkg *dpkg,
	      const struct dpkg_package *package, const char *suffix,
	      struct err *err)
{
	auto_buf struct buf plain = { 0 };
	auto_buf struct buf full = { 0 };

	buf_fmt(&plain, "info/%.*s.%s", SLICE_ARGS(package->name), suffix);
	buf_fmt(&full, "info/%.*s:%.*s.%s", SLICE_ARGS(package->name),
		SLICE_ARGS(package->arch), suffix);
	if (load(data, len, dpkg, full.at, err) < 0)
		return -1;
	return *data ? 0 : load(data, len, dpkg, plain.at, err);
}
