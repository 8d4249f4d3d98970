#include "image/init_file.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/closure.h"

/* The directory of this program, with the slash at its end. */
static int own_directory(struct buf *out, struct err *err)
{
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path));

	if (n < 0)
		return err_set(err, errno, "/proc/self/exe");
	while (n > 0 && path[n - 1] != '/')
		n--;
	buf_add(out, path, (size_t)n);
	return 0;
}

static int check(const char *path, const struct arch *arch, struct err *err)
{
	if (closure_check_static(path, arch, err) < 0)
		return err_wrap(err, "pith-init");
	return 0;
}

/* Where to look, best first; the one without a name is this machine's. */
static const struct place {
	const char *name; /* from this program's own directory */
	bool is_named;
} places[] = {
	{ "pith-init", false },
	{ "pith-init", true },
	{ "../lib/pith/pith-init", true },
};

/* Append the place's path; false where it is not meant for arch. */
static bool put_place(struct buf *out, const struct place *place,
		      const char *directory, const struct arch *arch)
{
	if (!place->is_named && arch != arch_host())
		return false;
	buf_fmt(out, "%s%s", directory, place->name);
	if (place->is_named)
		buf_fmt(out, "-%s", arch->name);
	return true;
}

/* Each chosen file is for one of the machines, and for each is at most one. */
static int check_chosen(const struct init_files *chosen,
			const struct arch *const *archs, size_t count,
			struct err *err)
{
	const char *taken[INIT_FILES_MAX] = { NULL };

	for (size_t i = 0; i < chosen->count; i++) {
		size_t k = 0;

		while (k < count && check(chosen->at[i], archs[k], err) < 0)
			k++;
		if (k == count)
			return count == 1 ? -1 : err_wrap(err, "no platform's");
		if (taken[k])
			return err_set(err, 0,
				       "pith-init: %s and %s are both for "
				       "linux/%s",
				       taken[k], chosen->at[i], archs[k]->oci);
		taken[k] = chosen->at[i];
	}
	return 0;
}

static const char *find_chosen(const struct init_files *chosen,
			       const struct arch *arch)
{
	struct err ignored;

	for (size_t i = 0; i < chosen->count; i++)
		if (check(chosen->at[i], arch, &ignored) == 0)
			return chosen->at[i];
	return NULL;
}

int init_file_find(struct buf *path, const struct init_files *chosen,
		   const struct arch *arch, const struct arch *const *archs,
		   size_t arch_count, struct err *err)
{
	auto_buf struct buf directory = { 0 };
	auto_buf struct buf tried = { 0 };

	if (check_chosen(chosen, archs, arch_count, err) < 0)
		return -1;
	const char *own = find_chosen(chosen, arch);

	if (own) {
		buf_text(path, own);
		return 0;
	}
	if (own_directory(&directory, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		auto_buf struct buf here = { 0 };

		if (!put_place(&here, &places[i], directory.at, arch))
			continue;
		if (access(here.at, R_OK) == 0) {
			buf_text(path, here.at);
			return check(here.at, arch, err);
		}
		buf_fmt(&tried, "%s%s", tried.len ? " and " : "", here.at);
	}
	return err_set(err, 0,
		       "no pith-init for linux/%s: looked for %s; "
		       "make cross builds it, or give --init FILE",
		       arch->oci, tried.at);
}
