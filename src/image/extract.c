#include "image/extract.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "data/tar.h"
#include "image/name.h"

enum { COPY_SIZE = 64 * 1024 };

/* Where an entry goes: its parent, opened, and its name there. */
struct place {
	int parent;
	const char *name; /* points into path; "" is the root itself */
	struct buf path;  /* without slashes at either end */
};

#define auto_place __attribute__((cleanup(place_close)))

static void place_close(struct place *place)
{
	scope_close(&place->parent);
	buf_free(&place->path);
}

static int open_directory(int root, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, *path ? path : ".", &how,
			    sizeof(how));
}

/*
 * Open the directory path, making it and its parents where they are missing:
 * some builders leave out directories that a lower layer has.
 */
static int open_parent(int root, char *path)
{
	int fd = open_directory(root, path);
	char *slash = strrchr(path, '/');
	char none[] = "";

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (slash)
		*slash = '\0';
	auto_fd int above = open_parent(root, slash ? path : none);

	if (slash)
		*slash = '/';
	if (above < 0 || (mkdirat(above, slash ? slash + 1 : path, 0755) < 0 &&
			  errno != EEXIST))
		return -1;
	return open_directory(root, path);
}

static int place_open(struct place *place, int root, const char *path,
		      struct err *err)
{
	char none[] = "";

	*place = (struct place){ .parent = -1, .name = "" };
	if (!name_plain_path(&place->path, path))
		return err_set(err, 0, "'..' in the path");
	if (!place->path.len)
		return 0;
	char *slash = strrchr(place->path.at, '/');

	if (slash)
		*slash = '\0';
	place->parent = open_parent(root, slash ? place->path.at : none);
	place->name = slash ? slash + 1 : place->path.at;
	if (place->parent < 0)
		return err_set(err, errno, "open its directory");
	return 0;
}

/* Remove all that a directory holds; its descriptor is taken over. */
static int empty_directory(int fd, struct err *err)
{
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int result = 0;

	if (!dir) {
		close(fd);
		return err_set(err, errno, "read a directory");
	}
	while (result == 0 && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			result = extract_remove(dirfd(dir), e->d_name, err);
	closedir(dir);
	return result;
}

int extract_remove(int parent, const char *name, struct err *err)
{
	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return err_set(err, errno, "remove %s", name);
	int fd = openat(parent, name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "remove %s", name);
	if (empty_directory(fd, err) < 0)
		return -1;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return err_set(err, errno, "remove %s", name);
	return 0;
}

/* ".wh..wh..opq" empties its directory, ".wh.NAME" removes NAME. */
static int apply_whiteout(const struct place *place, struct err *err)
{
	const char *name = place->name + strlen(".wh.");

	/* "." and ".." are no names, and ".wh." alone names nothing. */
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return err_set(err, 0, "a whiteout of nothing");
	if (strcmp(name, ".wh..opq") != 0)
		return extract_remove(place->parent, name, err);
	int fd = openat(place->parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, errno, "empty a directory");
	return empty_directory(fd, err);
}

static int make_directory(const struct place *place, struct err *err)
{
	struct stat st;

	if (!*place->name)
		return 0;
	if (fstatat(place->parent, place->name, &st, AT_SYMLINK_NOFOLLOW) ==
		    0 &&
	    S_ISDIR(st.st_mode))
		return 0;
	if (extract_remove(place->parent, place->name, err) < 0)
		return -1;
	if (mkdirat(place->parent, place->name, 0700) < 0)
		return err_set(err, errno, "make the directory");
	return 0;
}

static int make_file(const struct place *place, struct tar_reader *tar,
		     struct err *err)
{
	char data[COPY_SIZE];
	ssize_t n;

	if (extract_remove(place->parent, place->name, err) < 0)
		return -1;
	auto_fd int fd = openat(
		place->parent, place->name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, errno, "create");
	while ((n = tar_data(data, sizeof(data), tar, err)) > 0)
		if (io_write(fd, data, (size_t)n) < 0)
			return err_set(err, errno, "write");
	return (int)n;
}

static int make_symlink(const struct place *place, const char *link,
			struct err *err)
{
	if (extract_remove(place->parent, place->name, err) < 0)
		return -1;
	if (symlinkat(link, place->parent, place->name) < 0)
		return err_set(err, errno, "make the symbolic link");
	return 0;
}

static int make_hardlink(int root, const struct place *place, const char *link,
			 struct err *err)
{
	auto_place struct place target;

	if (place_open(&target, root, link, err) < 0)
		return -1;
	if (!*target.name)
		return err_set(err, 0, "links to the root");
	if (extract_remove(place->parent, place->name, err) < 0)
		return -1;
	if (linkat(target.parent, target.name, place->parent, place->name, 0) <
	    0)
		return err_set(err, errno, "link to %s", link);
	return 0;
}

/*
 * What the image says of a file itself: its capabilities, and what users note.
 * The rest, labels of SELinux and the like, is this machine's to give.
 */
static bool is_carried(struct slice name)
{
	return slice_eq(name, "security.capability") ||
	       slice_has_prefix(name, "user.");
}

/* By a path through /proc: place->parent is only there to be looked up in. */
static int set_xattrs(int parent, const char *name,
		      const struct tar_entry *entry, struct err *err)
{
	auto_buf struct buf path = { 0 };

	buf_fmt(&path, "/proc/self/fd/%d/%s", parent, *name ? name : ".");
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &entry->xattrs[i];
		auto_buf struct buf key = { 0 };

		if (!is_carried(xattr->name))
			continue;
		buf_add(&key, xattr->name.at, xattr->name.len);
		if (lsetxattr(path.at, key.at, xattr->value.at,
			      xattr->value.len, 0) < 0)
			return err_set(err, errno, "set %s", key.at);
	}
	return 0;
}

/* Owner first: chown(2) takes setuid, setgid and capabilities away. */
static int set_attributes(int root, const struct place *place,
			  const struct tar_entry *entry, struct err *err)
{
	int parent = *place->name ? place->parent : root;

	if (entry->type == TAR_HARDLINK)
		return 0;
	/* A larger number would become another one, such as root's. */
	if (entry->uid >= UINT32_MAX || entry->gid >= UINT32_MAX)
		return err_set(err, 0, "owner %llu:%llu is out of range",
			       (unsigned long long)entry->uid,
			       (unsigned long long)entry->gid);
	if (fchownat(parent, place->name, (uid_t)entry->uid, (gid_t)entry->gid,
		     AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return err_set(err, errno, "give to %llu:%llu",
			       (unsigned long long)entry->uid,
			       (unsigned long long)entry->gid);
	if (entry->type == TAR_SYMLINK)
		return 0;
	if (fchmodat(parent, *place->name ? place->name : ".", entry->mode, 0) <
	    0)
		return err_set(err, errno, "set mode %o", entry->mode);
	return set_xattrs(parent, place->name, entry, err);
}

static int make_entry(int root, const struct place *place,
		      const struct tar_entry *entry, struct tar_reader *tar,
		      struct err *err)
{
	if (!*place->name && entry->type != TAR_DIR)
		return err_set(err, 0, "replaces the root");
	switch (entry->type) {
	case TAR_DIR:
		return make_directory(place, err);
	case TAR_FILE:
		return make_file(place, tar, err);
	case TAR_SYMLINK:
		return make_symlink(place, entry->link, err);
	case TAR_HARDLINK:
		return make_hardlink(root, place, entry->link, err);
	default:
		return err_set(err, 0, "entries of type '%c' are refused",
			       entry->type);
	}
}

static bool is_whiteout(const struct tar_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');
	const char *name = slash ? slash + 1 : entry->path;

	return strncmp(name, ".wh.", 4) == 0;
}

static int extract_entry(int root, const struct tar_entry *entry,
			 struct tar_reader *tar, struct err *err)
{
	auto_place struct place place;

	if (place_open(&place, root, entry->path, err) < 0)
		return -1;
	if (make_entry(root, &place, entry, tar, err) < 0)
		return -1;
	return set_attributes(root, &place, entry, err);
}

static int white_out(int root, const struct tar_entry *entry, struct err *err)
{
	auto_place struct place place;

	if (place_open(&place, root, entry->path, err) < 0)
		return -1;
	return apply_whiteout(&place, err);
}

int extract_whiteouts(int root, struct tar_reader *tar, struct err *err)
{
	struct tar_entry entry;
	int got;

	while ((got = tar_next(&entry, tar, err)) > 0)
		if (is_whiteout(&entry) && white_out(root, &entry, err) < 0)
			return err_wrap(err, "extract %s", entry.path);
	return got;
}

int extract_layer(int root, struct tar_reader *tar, struct err *err)
{
	struct tar_entry entry;
	int got;

	while ((got = tar_next(&entry, tar, err)) > 0)
		if (!is_whiteout(&entry) &&
		    extract_entry(root, &entry, tar, err) < 0)
			return err_wrap(err, "extract %s", entry.path);
	return got;
}
