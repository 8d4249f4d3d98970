/* Rules about the whole image, from what one pass over it has taught. */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "image/lint_pass.h"
#include "image/name.h"

enum {
	SAME_MIN = 4096, /* bytes: smaller files cost a block anyway */
};

static const uint64_t big = 25000000;	 /* bytes of all files */
static const uint64_t hidden_max = 4096; /* bytes that do not matter */

void lint_pass_free(struct lint_pass *pass)
{
	runs_free(pass->same);
	buf_free(&pass->path);
	buf_free(&pass->wanted);
	buf_free(&pass->led);
	for (size_t i = 0; i < pass->dangling_count; i++)
		free(pass->dangling[i]);
}

void lint_pass_dangling(struct lint_pass *pass, const char *path)
{
	if (pass->dangling_count < LINT_DANGLING_MAX)
		pass->dangling[pass->dangling_count++] = mem_text(
			slice_from(path));
}

/* A record: the digest, a blank, the path. */
static int compare_same(struct slice a, struct slice b)
{
	return strcmp(a.at, b.at);
}

struct runs *lint_same_new(void)
{
	return runs_new(compare_same);
}

int lint_same_add(struct lint_pass *pass, const struct tree_node *node,
		  struct err *err)
{
	auto_buf struct buf record = { 0 };

	if (node->size < SAME_MIN)
		return 0;
	buf_fmt(&record, "%s ", node->content.text);
	buf_add(&record, node->path, strlen(node->path) + 1);
	return runs_add(pass->same, buf_slice(&record), err);
}

static int check_same(struct lint_pass *pass, struct err *err)
{
	auto_buf struct buf first = { 0 };
	struct slice record;
	int got = runs_rewind(pass->same, err);

	if (got < 0)
		return -1;
	while ((got = runs_next(&record, pass->same, err)) > 0) {
		if (first.len && strncmp(first.at, record.at, SUM_TEXT) == 0) {
			lint_find_path(pass->lint, LINT_DUPLICATE_FILES,
				       record.at + SUM_TEXT + 1, "as /%s",
				       first.at + SUM_TEXT + 1);
			continue;
		}
		first.len = 0;
		buf_add(&first, record.at, record.len);
	}
	return got;
}

/* A link that an upper layer has deleted is none. */
static int check_dangling(struct lint_pass *pass, struct err *err)
{
	for (size_t i = 0; i < pass->dangling_count; i++) {
		const char *path = pass->dangling[i];
		struct tree_node node;
		int got = tree_find(&node, pass->lint->tree, path, err);

		if (got < 0)
			return -1;
		if (got && node.type == TAR_SYMLINK)
			lint_find_path(pass->lint, LINT_DANGLING_LINK, path,
				       "leads to %s", node.link);
	}
	return 0;
}

static int check_loader(struct lint *lint, const struct lint_need *need,
			struct err *err)
{
	auto_buf struct buf path = { 0 };
	struct tree_node node;

	buf_text(&path, need->name);
	int got = tree_resolve(&node, lint->tree, &path, err);

	if (got == 0)
		lint_find_path(lint, LINT_LOADER_MISSING, need->by, "%s",
			       need->name);
	return got < 0 ? -1 : 0;
}

/*
 * A library counts as there wherever in the image it is: search paths come
 * from files and variables, too, and a rule must not cry wolf.
 */
static int check_needs(struct lint *lint, struct err *err)
{
	struct lint_facts *facts = &lint->facts;

	for (size_t i = 0; i < facts->need_count; i++) {
		const struct lint_need *need = &facts->needs[i];
		const char *base = name_base(need->name);

		if (need->is_path) {
			if (check_loader(lint, need, err) < 0)
				return -1;
		} else if (!lint_names_has(&facts->libraries,
					   slice_from(base))) {
			lint_find_path(lint, LINT_LIBRARY_MISSING, need->by,
				       "%s", need->name);
		}
	}
	return 0;
}

static void check_facts(struct lint *lint)
{
	const struct lint_facts *facts = &lint->facts;

	if (facts->bytes > big)
		lint_find(lint, LINT_BIG_IMAGE, "", "%llu bytes",
			  (unsigned long long)facts->bytes);
	if (facts->hidden_bytes > hidden_max)
		lint_find(lint, LINT_HIDDEN_FILES, "", "%llu bytes",
			  (unsigned long long)facts->hidden_bytes);
	if (!facts->has_tmp)
		lint_find(lint, LINT_NO_TMP, "", "no entry of that name");
	if (facts->ca_by && !facts->has_ca)
		lint_find_path(lint, LINT_CA_MISSING, facts->ca_by,
			       "knows a path of certificates");
	if (facts->tz_by && !facts->has_zones)
		lint_find_path(lint, LINT_TZDATA_MISSING, facts->tz_by,
			       "knows /usr/share/zoneinfo");
	if (facts->has_times && facts->first_time != facts->last_time)
		lint_find(lint, LINT_FILE_TIMES, "",
			  "from %llu to %llu, in seconds since 1970",
			  (unsigned long long)facts->first_time,
			  (unsigned long long)facts->last_time);
}

int lint_whole(struct lint_pass *pass, struct err *err)
{
	check_facts(pass->lint);
	if (check_needs(pass->lint, err) < 0 || check_same(pass, err) < 0)
		return -1;
	return check_dangling(pass, err);
}
