#include "image/init_file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
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
	struct closure_program program;

	if (closure_check(&program, path, arch, err) < 0)
		return err_wrap(err, "pith-init");
	return 0;
}

int init_file_find(struct buf *path, const char *chosen,
		   const struct arch *arch, struct err *err)
{
	auto_buf struct buf beside = { 0 };
	auto_buf struct buf library = { 0 };

	if (chosen) {
		buf_text(path, chosen);
		return check(chosen, arch, err);
	}
	if (own_directory(&beside, err) < 0)
		return -1;
	buf_text(&library, beside.at);
	buf_text(&beside, "pith-init");
	buf_fmt(&library, "../lib/pith/pith-init-%s", arch->name);
	/* The one beside is of the machine that pith was built for. */
	if (access(beside.at, R_OK) == 0 && arch == arch_host()) {
		buf_text(path, beside.at);
		return check(beside.at, arch, err);
	}
	if (access(library.at, R_OK) == 0) {
		buf_text(path, library.at);
		return check(library.at, arch, err);
	}
	return err_set(err, 0,
		       "no pith-init for linux/%s: not built yet "
		       "(looked for %s and %s; or give --init FILE)",
		       arch->oci, beside.at, library.at);
}
