#include "tool/policy_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "seccomp/policy_text.h"

enum { POLICY_FILE_MAX = 1 << 20 }; /* bytes */

/* Paths are relative to the file that names them. */
static char *path_from(const char *from, struct slice name)
{
	const char *slash = from ? strrchr(from, '/') : NULL;
	struct buf path = { 0 };

	if (slash && !slice_has_prefix(name, "/"))
		buf_add(&path, from, (size_t)(slash - from) + 1);
	buf_add(&path, name.at, name.len);
	return path.at;
}

static int load(struct policy_file *out, void *context, const char *from,
		struct slice name, struct err *err)
{
	auto_free char *path = path_from(from, name);
	struct stat st;

	(void)context;
	if (memchr(name.at, '\0', name.len))
		return err_set(err, 0, "a file's name holds a zero byte");
	if (stat(path, &st) < 0)
		return err_set(err, errno, "%s", path);
	if (io_load(&out->text, &out->len, path, POLICY_FILE_MAX, err) < 0)
		return -1;
	out->name = steal_ptr(&path);
	out->id[0] = (uint64_t)st.st_dev;
	out->id[1] = (uint64_t)st.st_ino;
	return 0;
}

struct policy_include policy_file_include(const char *name)
{
	return (struct policy_include){ .load = load, .name = name };
}

int policy_file_read(struct policy *policy, const char *path, struct err *err)
{
	bool is_input = strcmp(path, "-") == 0;
	struct policy_include include = policy_file_include(is_input ? NULL
								     : path);
	auto_free char *text = NULL;
	struct stat st;
	size_t len;

	if (io_load(&text, &len, path, POLICY_FILE_MAX, err) < 0)
		return -1;
	if (!is_input && stat(path, &st) == 0) {
		include.id[0] = (uint64_t)st.st_dev;
		include.id[1] = (uint64_t)st.st_ino;
	}
	if (policy_read(policy, (struct slice){ text, len }, &include, err) < 0)
		return err_wrap(err, "%s", is_input ? "standard input" : path);
	return 0;
}
