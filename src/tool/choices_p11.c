#include "tool/choices_p11.h"

#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "data/choice_conf.h"

/* p11-kit's own bytes: who asks may be gnutls. */
static struct slice p11_bytes(const struct libraries *libraries)
{
	for (size_t i = 0; i < libraries->files.count; i++)
		if (slice_has_prefix(slice_from(libraries->files.at[i].name),
				     "libp11-kit.so."))
			return libraries->files.at[i].bytes;
	return (struct slice){ "", 0 };
}

/* Each directory of modules that stands in the library: "/usr/lib/pkcs11" */
static int see_p11_relative(const struct choices_work *work, struct slice name)
{
	static const char end[] = "/pkcs11";
	struct slice rest = p11_bytes(work->libraries);
	const char *found;
	bool is_found = false;

	while ((found = memmem(rest.at, rest.len, end, sizeof(end)))) {
		const char *begin = found;
		auto_buf struct buf path = { 0 };

		while (begin > rest.at && begin[-1])
			begin--;
		rest.len -= (size_t)(found + sizeof(end) - rest.at);
		rest.at = found + sizeof(end);
		if (*begin != '/')
			continue;
		buf_fmt(&path, "%s/%.*s", begin, SLICE_ARGS(name));
		if (choices_try(work, path.at, true) < 0)
			return -1;
		is_found = true;
	}
	work->choice->is_partial |= !is_found;
	return 0;
}

static int see_p11_module(const struct choices_work *work, struct slice name)
{
	auto_free char *path = mem_text(name);

	if (slice_find(name, '\0') || name.len > 4096) {
		work->choice->is_partial = true;
		return 0;
	}
	return *path == '/' ? choices_try(work, path, true)
			    : see_p11_relative(work, name);
}

static int see_p11_file(const struct choices_work *work, const char *path)
{
	auto_buf struct buf text = { 0 };
	struct slice name, rest;
	int result = choices_read(&text, work, path);

	rest = buf_slice(&text);
	while (result == 0 && choice_conf_p11_module(&name, &rest))
		result = see_p11_module(work, name);
	return result;
}

int choices_see_p11(const struct choices_work *work, const char *dir)
{
	return choices_each(work, dir, ".module", see_p11_file);
}

int choices_see_gnutls(const struct choices_work *work)
{
	auto_buf struct buf text = { 0 };
	struct slice name, rest;
	int result = choices_read(&text, work, work->choice->name);

	rest = buf_slice(&text);
	while (result == 0 && choice_conf_gnutls_module(&name, &rest))
		result = see_p11_module(work, name);
	return result;
}
