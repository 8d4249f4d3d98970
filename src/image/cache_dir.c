#include "image/cache_dir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/scope.h"
#include "image/sum.h"

static bool is_ours(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 && st.st_uid == geteuid() &&
	       !(st.st_mode & 022);
}

/*
 * What others can rename things in is no place to begin: root's build, with
 * the HOME of somebody else, would read, and remove, what that one's links
 * lead to. Of a sticky directory the names below are safe.
 */
static bool is_safe(int dir)
{
	struct stat st;

	return fstat(dir, &st) == 0 &&
	       (st.st_uid == geteuid() || st.st_uid == 0) &&
	       (!(st.st_mode & 022) || (st.st_mode & S_ISVTX));
}

static int open_in(int parent, const char *name, int flags, bool is_made)
{
	if (is_made)
		mkdirat(parent, name, 0700);
	return openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
}

/* XDG_CACHE_HOME, which is to be ignored where it is relative, or ~/.cache. */
static int open_parent(bool is_made)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");

	if (cache && *cache == '/')
		return open_in(AT_FDCWD, cache, 0, is_made);
	if (!home || *home != '/')
		return -1;
	auto_fd int dir = open_in(AT_FDCWD, home, 0, false);

	/* In one's own home .cache may well be a link. */
	return dir >= 0 && is_safe(dir) ? open_in(dir, ".cache", 0, is_made)
					: -1;
}

int cache_dir_open(const char *kind, bool is_made)
{
	auto_fd int parent = open_parent(is_made);

	if (parent < 0 || !is_safe(parent))
		return -1;
	auto_fd int own = open_in(parent, "pith", O_NOFOLLOW, is_made);

	if (own < 0 || !is_ours(own))
		return -1;
	if (!kind)
		return steal_fd(&own);
	auto_fd int dir = open_in(own, kind, O_NOFOLLOW, is_made);

	return dir >= 0 && is_ours(dir) ? steal_fd(&dir) : -1;
}

bool cache_dir_owns(const char *name)
{
	return strspn(name, "0123456789abcdef") == SUM_HEX;
}
