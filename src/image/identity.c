#include "image/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/identity_work.h"

#define OS_RELEASE "/usr/lib/os-release"

/* Take the files of the next package off the front; those of none go first. */
static bool next_group(struct identity_group *out, struct identity_group *rest)
{
	*out = (struct identity_group){ .files = rest->files,
					.layer = PLAN_LAYERS };
	if (!rest->count)
		return false;
	out->package = rest->files->owner.package;
	for (; rest->count && rest->files->owner.package == out->package;
	     rest->files++, rest->count--, out->count++)
		if (rest->files->entry->layer < out->layer)
			out->layer = rest->files->entry->layer;
	return true;
}

static int add_packages(struct identity *identity, enum plan_layer *lowest,
			struct err *err)
{
	struct identity_group rest = { .files = identity->files.at,
				       .count = identity->files.count };
	const struct dpkg_package *last = NULL;
	struct identity_group group;

	while (next_group(&group, &rest)) {
		if (!group.package)
			continue;
		group.is_further = last &&
				   slice_same(last->name, group.package->name);
		last = group.package;
		if (identity_add_package(identity, &group, err) < 0)
			return -1;
		if (group.layer < *lowest)
			*lowest = group.layer;
	}
	return 0;
}

static int add_release(struct identity *identity, enum plan_layer layer,
		       struct err *err)
{
	size_t before = identity->added.count;

	if (!before || plan_find(identity->plan, "/etc/os-release"))
		return 0;
	if (identity_add_root_file(identity, OS_RELEASE, layer, err) < 0)
		return -1;
	if (identity->added.count == before &&
	    !plan_find(identity->plan, OS_RELEASE))
		return 0;
	return identity_add_link(identity, "/etc/os-release", ".." OS_RELEASE,
				 layer, err);
}

static int collect(struct identity *identity, struct err *err)
{
	enum plan_layer lowest = PLAN_PROGRAM;
	int there = dpkg_open(&identity->dpkg, identity->root, err);

	if (there != 0)
		return there < 0 ? -1 : 0;
	if (identity_find_owners(identity, err) < 0 ||
	    add_packages(identity, &lowest, err) < 0)
		return -1;
	return add_release(identity, lowest, err);
}

static int merge(struct plan *plan, const struct plan *added, struct err *err)
{
	for (size_t i = 0; i < added->count; i++)
		if (plan_add(plan, &added->entries[i], err) < 0)
			return -1;
	return added->count ? plan_finish(plan, err) : 0;
}

static void close_identity(struct identity *identity)
{
	for (size_t i = 0; i < identity->kept.count; i++)
		free(identity->kept.at[i]);
	free(identity->kept.at);
	free(identity->files.at);
	buf_free(&identity->directory);
	buf_free(&identity->resolved);
	plan_free(&identity->added);
	dpkg_close(&identity->dpkg);
}

int identity_add(struct plan *plan, const struct root *root, struct err *err)
{
	struct identity identity = { .plan = plan, .root = root };

	for (size_t i = 0; i < plan->count; i++)
		if (plan->entries[i].type == TAR_FILE && plan->entries[i].from)
			identity_add_file(&identity, &plan->entries[i]);
	int result = identity.files.count ? collect(&identity, err) : 0;

	if (result == 0)
		result = merge(plan, &identity.added, err);
	close_identity(&identity);
	return result;
}
