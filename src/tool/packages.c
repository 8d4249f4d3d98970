#include "tool/packages.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/list.h"
#include "base/scope.h"
#include "data/deb822.h"
#include "image/dpkg.h"
#include "image/recipe.h"
#include "image/root.h"

struct part {
	json_t *json;
};

/* One for each. */
struct owned {
	LIST(struct dpkg_owner) files;
	LIST(struct part) parts;
};

/* A file of the root; one from elsewhere belongs to nobody. */
static void collect(struct owned *out, json_t *parts, const struct root *root)
{
	for (size_t i = 0; i < json_array_size(parts); i++) {
		json_t *part = json_array_get(parts, i);
		const char *source = json_string_value(
			json_object_get(part, "source"));
		const char *inside = source ? root_inside(root, source) : NULL;

		if (!inside)
			continue;
		LIST_ADD(&out->files, (struct dpkg_owner){ .path = inside });
		LIST_ADD(&out->parts, (struct part){ part });
	}
}

static void set(json_t *part, const char *key, struct slice value)
{
	json_t *text = json_stringn(value.at, value.len);

	if (text && value.len)
		json_object_set_new(part, key, text);
	else
		json_decref(text);
}

void packages_add(json_t *programs, const struct recipe *recipe)
{
	auto_buf struct buf path = { 0 };
	auto_root struct root root = { .fd = -1 };
	struct owned owned = { .files = { 0 } };
	struct dpkg dpkg;
	struct err ignored;

	recipe_path(&path, recipe, recipe->root ? recipe->root : "/");
	if (root_open(&root, path.at, &ignored) < 0)
		return;
	for (size_t i = 0; i < json_array_size(programs); i++)
		collect(&owned,
			json_object_get(json_array_get(programs, i), "parts"),
			&root);
	/* Without a database nobody says; the digests are there all the same. */
	if (owned.files.count && dpkg_open(&dpkg, &root, &ignored) == 0) {
		if (dpkg_find_owners(owned.files.at, owned.files.count, &dpkg,
				     &ignored) < 0)
			owned.files.count = 0;
		for (size_t i = 0; i < owned.files.count; i++) {
			const struct dpkg_package *package =
				owned.files.at[i].package;

			if (!package)
				continue;
			set(owned.parts.at[i].json, "package", package->name);
			set(owned.parts.at[i].json, "version",
			    deb822_get(package->paragraph, "Version"));
		}
		dpkg_close(&dpkg);
	}
	free(owned.files.at);
	free(owned.parts.at);
}
