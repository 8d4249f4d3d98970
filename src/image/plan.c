#include "image/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/filecaps.h"
#include "image/name.h"

enum { ALL_LAYERS = (1 << PLAN_LAYERS) - 1 };

/* The directory as one text for all that follow each other in it. */
static const char *keep_directory(struct plan *plan, struct slice directory)
{
	if (!plan->directory || !slice_eq(directory, plan->directory))
		plan->directory = arena_text(&plan->texts, directory);
	return plan->directory;
}

/* Most files keep their name, and then the directory is enough. */
static void keep_from(struct plan *plan, struct plan_entry *entry)
{
	struct slice from = slice_from(entry->from);
	const char *name = strrchr(entry->path, '/');
	const char *own = strrchr(entry->from, '/');

	if (!entry->is_below && own && strcmp(own, name) == 0) {
		entry->is_below = true;
		from.len = (size_t)(own - from.at);
	}
	entry->from = entry->is_below ? keep_directory(plan, from)
				      : arena_text(&plan->texts, from);
}

/* The texts of an entry, as the plan's own. */
static void keep_texts(struct plan *plan, struct plan_entry *entry)
{
	struct arena *texts = &plan->texts;
	struct slice more = { 0 };

	if (plan_link(entry))
		more = slice_from(entry->link);
	else if (plan_bytes(entry))
		more = (struct slice){ entry->bytes, (size_t)entry->size };
	else if (plan_caps(entry))
		more = (struct slice){ entry->caps, FILECAPS_SIZE };
	if (entry->from)
		keep_from(plan, entry);
	entry->path = arena_text(texts, slice_from(entry->path));
	entry->link = more.at ? arena_text(texts, more) : NULL;
}

int plan_add(struct plan *plan, const struct plan_entry *entry, struct err *err)
{
	if (name_check_path(entry->path, err) < 0)
		return -1;
	if (plan->count == plan->cap) {
		plan->cap = plan->cap ? 2 * plan->cap : 64;
		plan->entries = mem_grow(plan->entries, plan->cap,
					 sizeof(*plan->entries));
	}
	struct plan_entry *new = &plan->entries[plan->count++];

	*new = *entry;
	keep_texts(plan, new);
	return 0;
}

int plan_add_dir(struct plan *plan, const char *path, uint32_t mode,
		 struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){ .path = path,
					      .type = TAR_DIR,
					      .mode = mode & 07777,
					      .origin = "the base" },
			err);
}

int plan_add_bytes(struct plan *plan, const char *path, struct slice bytes,
		   struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){ .path = path,
					      .type = TAR_FILE,
					      .mode = 0644,
					      .size = bytes.len,
					      .bytes = bytes.at,
					      .origin = "pith" },
			err);
}

int plan_add_symlink(struct plan *plan, const char *path, const char *link,
		     struct err *err)
{
	return plan_add(plan,
			&(struct plan_entry){ .path = path,
					      .type = TAR_SYMLINK,
					      .mode = 0777,
					      .link = link,
					      .origin = "the base" },
			err);
}

static int compare_entries(const void *a, const void *b)
{
	const struct plan_entry *x = a;
	const struct plan_entry *y = b;
	int order = name_compare_paths(x->path, y->path);

	/* Among equals what is implied or needed comes last, and goes. */
	if (!order)
		order = x->is_implied - y->is_implied;
	return order ? order : x->is_needed - y->is_needed;
}

static void sort(struct plan *plan)
{
	if (plan->count)
		qsort(plan->entries, plan->count, sizeof(*plan->entries),
		      compare_entries);
}

/* Whether two entries bring the same: many programs need one library. */
static bool is_same(const struct plan_entry *a, const struct plan_entry *b)
{
	if (a->type != b->type || a->mode != b->mode || a->uid != b->uid ||
	    a->gid != b->gid)
		return false;
	if (a->type == TAR_SYMLINK)
		return strcmp(a->link, b->link) == 0;
	return a->from && b->from && !plan_caps(a) && !plan_caps(b) &&
	       a->size == b->size && plan_stamp_equal(&a->stamp, &b->stamp);
}

/* True when entry, which follows last and has its path, adds nothing. */
static bool is_redundant(const struct plan_entry *last,
			 const struct plan_entry *entry)
{
	/*
	 * Below a file or link: what implied this parent is the mistake, and
	 * check_parents names it.
	 */
	if (entry->is_implied && !entry->line)
		return true;
	if (entry->is_needed && is_same(last, entry))
		return true;
	if (last->type != TAR_DIR || entry->type != TAR_DIR)
		return false;
	return entry->is_implied ||
	       (last->mode == entry->mode && last->uid == entry->uid &&
		last->gid == entry->gid);
}

static int duplicate(const struct plan_entry *a, const struct plan_entry *b,
		     struct err *err)
{
	const struct plan_entry *later = a->line > b->line ? a : b;
	const struct plan_entry *sooner = later == a ? b : a;

	if (later->line && sooner->line)
		return err_set(err, 0,
			       "%s: comes from line %u and from line "
			       "%u",
			       a->path, sooner->line, later->line);
	if (later->line)
		return err_set(err, 0, "%s: comes from %s and from line %u",
			       a->path, sooner->origin, later->line);
	return err_set(err, 0, "%s: comes from %s and from %s", a->path,
		       sooner->origin, later->origin);
}

/* Fold equal directories of a sorted plan into one. */
static int merge(struct plan *plan, struct err *err)
{
	struct plan_entry *entries = plan->entries;
	size_t kept = 0;
	int result = 0;

	for (size_t i = 0; i < plan->count; i++) {
		struct plan_entry *last = kept ? &entries[kept - 1] : NULL;

		if (!result && kept &&
		    name_compare_paths(last->path, entries[i].path) == 0) {
			if (is_redundant(last, &entries[i])) {
				if (entries[i].layer < last->layer)
					last->layer = entries[i].layer;
				continue;
			}
			result = duplicate(last, &entries[i], err);
		}
		entries[kept++] = entries[i];
	}
	plan->count = kept;
	return result;
}

static int add_implied(struct plan *plan, const struct plan_entry *below,
		       size_t len, struct err *err)
{
	char *parent = mem_text((struct slice){ below->path, len ? len : 1 });
	int result = plan_add(plan,
			      &(struct plan_entry){ .path = parent,
						    .type = TAR_DIR,
						    .is_implied = true,
						    .layer = below->layer,
						    .mode = 0755,
						    .origin = "a path below" },
			      err);

	free(parent);
	return result;
}

/* How many leading bytes two paths share. */
static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] && a[n] == b[n])
		n++;
	return n;
}

/*
 * Add every parent that the sorted plan's neighbour above cannot have brought
 * already; what is added twice nevertheless is merged away.
 */
static int add_parents(struct plan *plan, struct err *err)
{
	size_t count = plan->count;

	for (size_t i = 0; i < count; i++) {
		/* plan_add moves the entries, but not the texts. */
		const struct plan_entry below = plan->entries[i];
		const char *path = below.path;
		size_t shared = i && plan->entries[i - 1].layer == below.layer
					? common(plan->entries[i - 1].path,
						 path)
					: 0;

		for (size_t n = strlen(path); n-- > 0 && n >= shared;)
			if (path[n] == '/' && path[n + 1] &&
			    add_implied(plan, &below, n, err) < 0)
				return -1;
	}
	return 0;
}

/* The entry that the first len bytes of path name, or NULL. */
static const struct plan_entry *find_prefix(const struct plan *plan,
					    const char *path, size_t len)
{
	char *prefix = mem_text((struct slice){ path, len ? len : 1 });
	const struct plan_entry *found = plan_find(plan, prefix);

	free(prefix);
	return found;
}

static int check_parents(const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const char *path = plan->entries[i].path;
		const char *slash = strrchr(path, '/');
		const struct plan_entry *parent = find_prefix(
			plan, path, (size_t)(slash - path));

		if (parent && parent->type != TAR_DIR)
			return err_set(err, 0,
				       "%s: is below %s, which is a "
				       "%s",
				       path, parent->path,
				       parent->type == TAR_SYMLINK
					       ? "symbolic link"
					       : "file");
	}
	return 0;
}

static bool is_above(const char *path, const char *below)
{
	size_t len = path[1] ? strlen(path) : 0;

	return strncmp(path, below, len) == 0 && below[len] == '/';
}

/*
 * From the last to the first: what is below a directory follows it at once, so
 * the entry of a layer seen last tells whether that layer has anything there.
 */
static void place(struct plan *plan)
{
	const struct plan_entry *seen[PLAN_LAYERS] = { NULL };

	for (size_t i = plan->count; i-- > 0;) {
		struct plan_entry *entry = &plan->entries[i];

		unsigned int layers = 1U << entry->layer;

		for (size_t k = 0; k < PLAN_LAYERS; k++) {
			if (entry->type == TAR_DIR && seen[k] &&
			    is_above(entry->path, seen[k]->path))
				layers |= 1U << k;
			if (layers >> k & 1)
				seen[k] = entry;
		}
		entry->layers = layers & ALL_LAYERS;
	}
}

int plan_finish(struct plan *plan, struct err *err)
{
	sort(plan);
	if (add_parents(plan, err) < 0)
		return -1;
	sort(plan);
	if (merge(plan, err) < 0)
		return -1;
	place(plan);
	return check_parents(plan, err);
}

static int compare_key(const void *key, const void *entry)
{
	return name_compare_paths(key,
				  ((const struct plan_entry *)entry)->path);
}

const struct plan_entry *plan_find(const struct plan *plan, const char *path)
{
	if (!plan->count)
		return NULL;
	return bsearch(path, plan->entries, plan->count, sizeof(*plan->entries),
		       compare_key);
}

void plan_free(struct plan *plan)
{
	free(plan->entries);
	arena_free(&plan->texts);
	*plan = (struct plan){ 0 };
}
