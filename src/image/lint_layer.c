/* Rules about entries as they come, before there is a tree. */
#include <string.h>

#include "base/err.h"
#include "image/lint_work.h"
#include "image/look.h"
#include "image/name.h"

/* What engines do not unpack alike, or tree.h does not take. */
static const char *name_fault(const char *path)
{
	auto_buf struct buf plain = { 0 };
	auto_buf struct buf full = { 0 };
	struct err err;

	if (!name_plain_path(&plain, path))
		return "a '..' part";
	buf_text(&full, "/");
	buf_text(&full, plain.at);
	/* A mark is checked as the name that it is about. */
	for (char *mark; (mark = strstr(full.at, "/.wh."));)
		memset(mark + 1, 'x', 4);
	if (name_check_path(full.at, &err) == 0)
		return NULL;
	return "not UTF-8, a control character, or too long";
}

static bool is_list(const char *path)
{
	size_t len = strlen(path);

	while (*path == '.' || *path == '/') {
		path++;
		len--;
	}
	return (strncmp(path, "var/lib/dpkg/info/", 18) == 0 && len > 5 &&
		strcmp(path + len - 5, ".list") == 0) ||
	       (strncmp(path, "var/lib/dpkg/status.d/", 22) == 0 && len > 8 &&
		strcmp(path + len - 8, ".md5sums") == 0);
}

static int see_entry(void *to, const struct tar_entry *entry, size_t layer,
		     struct err *err)
{
	struct lint *lint = to;
	const char *fault = name_fault(entry->path);

	if (fault) {
		lint_find(lint, LINT_ODD_NAME, entry->path, "%s, in layer %zu",
			  fault, layer);
		return 1;
	}
	if (entry->type == TAR_HARDLINK && name_fault(entry->link)) {
		lint_find(lint, LINT_ODD_NAME, entry->path, "links to %s",
			  entry->link);
		return 1;
	}
	lint->is_list = is_list(entry->path);
	lint->line.len = 0;
	return look_entry(lint->look, entry, layer, err);
}

/*
 * "/usr/bin/x" and "SUM  usr/bin/x" own bin/x: with usrmerge the two are one
 * directory, whatever a package calls it.
 */
static void own_line(struct lint *lint)
{
	const char *space = strrchr(lint->line.at, ' ');
	const char *path = space ? space + 1 : lint->line.at;

	path += *path == '/';
	if (strncmp(path, "usr/", 4) == 0)
		path += 4;
	lint_names_add(&lint->facts.owned, slice_from(path));
	lint->line.len = 0;
}

static int see_data(void *to, struct slice bytes, struct err *err)
{
	struct lint *lint = to;

	for (size_t i = 0; lint->is_list && i < bytes.len; i++) {
		if (bytes.at[i] == '\n' && lint->line.len)
			own_line(lint);
		else if (bytes.at[i] && lint->line.len < TAR_PATH_MAX)
			buf_add(&lint->line, bytes.at + i, 1);
	}
	return look_data(lint->look, bytes, err);
}

static int see_end(void *to, struct buf *notes, struct err *err)
{
	return look_end(((struct lint *)to)->look, notes, err);
}

const struct tree_visitor lint_visitor = {
	.entry = see_entry,
	.data = see_data,
	.end = see_end,
};
