#include "tool/choices_pam.h"

#include <string.h>

#include "base/err.h"
#include "base/scope.h"
#include "data/pam_conf.h"

/* A module that is not absolute is one below libpam's directory. */
static int see_module(const struct choices_work *work, struct slice name)
{
	auto_buf struct buf path = { 0 };

	if (*name.at != '/')
		buf_text(&path, work->choice->name);
	buf_add(&path, name.at, name.len);
	return choices_try(work, path.at, true);
}

static int see_file(const struct choices_work *work, const char *path,
		    bool has_service)
{
	auto_buf struct buf text = { 0 };
	auto_buf struct buf lines = { 0 };
	struct pam_conf conf = { .has_service = has_service };
	struct slice module;

	if (choices_read(&text, work, path) < 0)
		return -1;
	pam_conf_join(&lines, buf_slice(&text));
	conf.text = buf_slice(&lines);
	while (pam_conf_module(&module, &conf))
		if (see_module(work, module) < 0)
			return -1;
	work->choice->is_partial |= conf.leads_away;
	return 0;
}

static int see_service(const struct choices_work *work, const char *path)
{
	return see_file(work, path, false);
}

/*
 * Where the configuration is stands in the library: "/etc/pam.d/%s" for a
 * service's file, "/etc/pam.conf" for that of all.
 */
static int see_text(bool *is_found, const struct choices_work *work,
		    struct slice text)
{
	static const char directory[] = "/pam.d/%s";
	static const char file[] = "/pam.conf";
	auto_free char *path = mem_text(text);
	size_t len = strlen(path);

	if (*path != '/')
		return 0;
	if (len > strlen(directory) &&
	    strcmp(path + len - strlen(directory), directory) == 0) {
		path[len - strlen("/%s")] = '\0';
		*is_found = true;
		return choices_each(work, path, "", see_service);
	}
	if (len > strlen(file) && strcmp(path + len - strlen(file), file) == 0)
		return see_file(work, path, true);
	return 0;
}

int choices_see_pam(const struct choices_work *work)
{
	struct slice text, bytes;
	bool is_found = false;

	bytes = work->libraries->files.at[work->choice->by].bytes;
	while (slice_cut(&text, &bytes, '\0'))
		if (text.len < 256 && see_text(&is_found, work, text) < 0)
			return -1;
	work->choice->is_partial |= !is_found;
	return choices_try_directory(work, work->choice->name);
}
