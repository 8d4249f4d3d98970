#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/plan.h"
#include "image/root.h"
#include "image/view.h"

static void add_planned(struct root_paths *out, const struct plan *plan,
			const char *dir)
{
	size_t len = strlen(dir);

	for (size_t i = 0; i < plan->count; i++) {
		const char *path = plan->entries[i].path;

		if (strncmp(path, dir, len) == 0 && path[len] == '/' &&
		    path[len + 1] && !strchr(path + len + 1, '/'))
			LIST_ADD(&out->paths, mem_text(slice_from(path)));
	}
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What the plan and the root both have is one. */
static void sort_once(struct root_paths *out)
{
	size_t count = 0;

	if (out->paths.count)
		qsort(out->paths.at, out->paths.count, sizeof(*out->paths.at),
		      compare_texts);
	for (size_t i = 0; i < out->paths.count; i++) {
		char *path = out->paths.at[i];

		if (count && strcmp(out->paths.at[count - 1], path) == 0)
			free(path);
		else
			out->paths.at[count++] = path;
	}
	out->paths.count = count;
}

int view_list(struct root_paths *out, const struct view *view, const char *dir,
	      struct err *err)
{
	auto_view_file struct view_file found = { 0 };
	auto_buf struct buf pattern = { 0 };
	int got = view_find(&found, view, dir, err);

	*out = (struct root_paths){ 0 };
	if (got <= 0)
		return got;
	buf_fmt(&pattern, "%s/*", found.path.at);
	if (!view->is_plan_only && !strpbrk(found.path.at, "*?["))
		root_glob(out, view->root, pattern.at);
	if (view->plan)
		add_planned(out, view->plan, found.path.at);
	sort_once(out);
	return 0;
}

int view_load(struct buf *out, const struct view *view, const char *path,
	      size_t max, struct err *err)
{
	auto_view_file struct view_file found = { 0 };
	auto_free char *data = NULL;
	size_t len;
	int got = view_find(&found, view, path, err);

	if (got <= 0)
		return got;
	if (found.planned && found.planned->type != TAR_FILE)
		return 0;
	if (found.planned && !found.file.len && !found.planned->bytes &&
	    found.planned->size)
		return err_set(err, 0, VIEW_UNREAD, path, found.path.at + 1);
	if (found.planned && !found.planned->from) {
		buf_add(out, found.planned->bytes, found.planned->size);
		return 1;
	}
	if (!found.planned && !S_ISREG(found.st.st_mode))
		return 0;
	if (io_load(&data, &len, found.file.at, max, err) < 0)
		return -1;
	buf_add(out, data, len);
	return 1;
}
