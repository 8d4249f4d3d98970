#include "tool/rebuild.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/io.h"
#include "base/scope.h"
#include "image/diff.h"
#include "image/recipe.h"
#include "tool/build.h"
#include "tool/compare.h"

/* What it was built for. */
struct platforms {
	const struct arch *archs[RECIPE_PLATFORMS_MAX];
	size_t count;
};

/* Build the recipe into the file output. */
static int build(struct platforms *out, const char *output, const char *file,
		 const struct init_files *init, struct err *err)
{
	struct recipe recipe;
	auto_free char *text = NULL;
	size_t len;

	if (io_load(&text, &len, file, RECIPE_MAX, err) < 0 ||
	    recipe_parse(&recipe, text, len, file, err) < 0)
		return -1;
	struct build job = { .recipe = &recipe,
			     .output = output,
			     .init = *init,
			     .codec = codec_default() };
	int result = build_image(&job, err);

	build_free(&job);
	memcpy(out->archs, recipe.archs, sizeof(out->archs));
	out->count = recipe.arch_count;
	recipe_free(&recipe);
	return result;
}

struct first {
	const char *path, *recipe;
	bool is_told;
};

static void tell_first(void *to, const struct diff_change *change)
{
	struct first *first = to;

	if (!first->is_told) {
		printf("%s: does not come from %s: ", first->path,
		       first->recipe);
		compare_print(change);
	}
	first->is_told = true;
}

/* The layers' tars, which say more than the files in them: times, order. */
static bool same_layers(const struct reader_image *a,
			const struct reader_image *b)
{
	if (a->layer_count != b->layer_count)
		return false;
	for (size_t i = 0; i < a->layer_count; i++)
		if (strcmp(a->layers[i].diff_id, b->layers[i].diff_id) != 0)
			return false;
	return true;
}

static int judge(struct first *first, struct compare_side *image,
		 struct compare_side *rebuilt, struct err *err)
{
	const struct diff_sink sink = { tell_first, first };
	const struct reader_image *a = &image->subject.image;
	const struct reader_image *b = &rebuilt->subject.image;

	if (compare_sides(&sink, image, rebuilt, err) < 0)
		return -1;
	if (first->is_told)
		return 1;
	if (!same_layers(a, b) || !json_equal(a->config, b->config)) {
		printf("%s: does not come from %s: equal files, but %s "
		       "differ\n",
		       first->path, first->recipe,
		       same_layers(a, b) ? "history or extensions of the config"
					 : "their order, times or layers");
		return 1;
	}
	printf("%s: comes from %s%s\n", first->path, first->recipe,
	       a->digest && strcmp(a->digest, b->digest) == 0
		       ? ""
		       : ", compressed otherwise");
	return 0;
}

static int compare(struct first *first, const char *path, const char *output,
		   const struct arch *arch, struct err *err)
{
	struct compare_side image;
	struct compare_side rebuilt = { .subject.reader.fd = -1 };
	int result = compare_open(&image, path, arch, err);

	if (result == 0)
		result = compare_open(&rebuilt, output, arch, err);
	if (result == 0)
		result = judge(first, &image, &rebuilt, err);
	compare_close(&image);
	compare_close(&rebuilt);
	return result;
}

/* Each platform's; the worst of the verdicts. */
static int compare_all(const struct platforms *platforms, const char *path,
		       const char *recipe, const char *output, struct err *err)
{
	int worst = 0;

	for (size_t i = 0; i < platforms->count; i++) {
		const struct arch *arch = platforms->archs[i];
		auto_buf struct buf name = { 0 };

		buf_text(&name, path);
		if (platforms->count > 1)
			buf_fmt(&name, " (linux/%s)", arch->oci);
		struct first first = { .path = name.at, .recipe = recipe };
		int result = compare(&first, path, output,
				     platforms->count > 1 ? arch : NULL, err);

		if (result < 0)
			return -1;
		worst |= result;
	}
	return worst;
}

int rebuild_compare(const char *path, const char *recipe,
		    const struct init_files *init, struct err *err)
{
	/* Without a name: nothing stays, however this ends. */
	auto_fd int scratch = io_scratch(err);
	auto_buf struct buf output = { 0 };
	struct platforms platforms;

	if (scratch < 0)
		return -1;
	buf_fmt(&output, "/proc/self/fd/%d", scratch);
	int result = build(&platforms, output.at, recipe, init, err);

	if (result == 0)
		result = compare_all(&platforms, path, recipe, output.at, err);
	return result;
}
