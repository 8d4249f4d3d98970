#include "data/loader.h"

/* The text that begins there, if it is a path with a slash at both ends. */
static bool take_dir(struct slice *out, struct slice bytes)
{
	size_t len = strnlen(bytes.at, bytes.len < 256 ? bytes.len : 256);

	if (len < 2 || len == bytes.len || len == 256 || bytes.at[0] != '/' ||
	    bytes.at[len - 1] != '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (bytes.at[i] <= ' ' || bytes.at[i] > '~' ||
		    (i && bytes.at[i] == '/' && bytes.at[i - 1] == '/'))
			return false;
	*out = (struct slice){ bytes.at, len };
	return true;
}

/* As many directories in a row as begin there. */
static size_t take_run(struct slice *out, struct slice bytes)
{
	size_t count = 0;

	while (count < LOADER_DIRS_MAX && take_dir(&out[count], bytes)) {
		size_t step = out[count++].len + 1;

		bytes.at += step;
		bytes.len -= step;
	}
	return count;
}

size_t loader_dirs(struct slice *out, struct slice bytes)
{
	struct slice rest = bytes;
	size_t best = 1;
	struct slice run[LOADER_DIRS_MAX];

	/* Texts begin behind a zero byte: the run behind its first slash. */
	while (rest.len > 2) {
		const char *at = memmem(rest.at, rest.len - 1, "\0/", 2);

		if (!at)
			break;
		rest.len -= (size_t)(at + 1 - rest.at);
		rest.at = at + 1;
		size_t count = take_run(run, rest);

		if (count <= best)
			continue;
		best = count;
		memcpy(out, run, count * sizeof(run[0]));
	}
	return best > 1 ? best : 0;
}

bool loader_is_musl(struct slice path)
{
	const char *slash = memrchr(path.at, '/', path.len);
	struct slice name = path;

	if (slash) {
		name.len -= (size_t)(slash + 1 - path.at);
		name.at = slash + 1;
	}
	return slice_has_prefix(name, "ld-musl-");
}

bool loader_is_musl_libc(const char *name)
{
	static const char *const own[] = { "c.",  "pthread.", "rt.",  "m.",
					   "dl.", "util.",    "xnet." };

	if (strncmp(name, "lib", 3) != 0)
		return false;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (strncmp(name + 3, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}
