#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "image/tree.h"
#include "tests/unit/archive.h"

/*
 * A line is an entry: its layer, type and path, and behind " >" its link. The
 * tree is what is there in the end, each with its layer.
 */
static const struct {
	const char *entries;
	const char *tree;
} cases[] = {
	{ "0 5 a/\n0 0 a/b\n", "0 a\n0 a/b\n" },
	{ "0 5 ./\n0 0 ./a\n0 0 /b\n", "0 \n0 a\n0 b\n" },
	/* Parents before children, whatever sorts between them. */
	{ "0 0 a/b\n0 0 a-b\n0 5 a/\n0 0 a!\n", "0 a\n0 a/b\n0 a!\n0 a-b\n" },
	/* The upper layer's entry is there, and the last of one layer. */
	{ "0 0 a\n1 0 a\n", "1 a\n" },
	{ "0 5 a\n1 5 a\n0 0 a/b\n", "1 a\n0 a/b\n" },
	{ "0 0 a\n0 2 a >b\n", "0 a\n" },
	/* Whiteouts delete in lower layers only, and what is below. */
	{ "0 0 a\n1 0 .wh.a\n", "" },
	{ "0 5 a\n0 0 a/b\n0 0 ab\n1 0 .wh.a\n", "0 ab\n" },
	{ "0 5 a\n0 0 a/b\n1 0 .wh.a\n1 5 a\n1 0 a/c\n", "1 a\n1 a/c\n" },
	{ "1 0 a/b\n1 0 a/.wh.b\n", "1 a/b\n" },
	{ "0 0 a/b/c/d\n1 0 .wh.a\n2 0 a/b/x\n", "2 a/b/x\n" },
	{ "0 0 a/b\n1 0 a/.wh.b\n2 0 a/b\n", "2 a/b\n" },
	/* An opaque directory stays, and its own layer's entries. */
	{ "0 5 a\n0 0 a/b\n1 0 a/.wh..wh..opq\n1 0 a/c\n", "0 a\n1 a/c\n" },
	{ "0 0 a\n1 0 .wh..wh..opq\n1 0 b\n", "1 b\n" },
	{ "0 0 a\n1 0 .wh..wh.plnk\n", "0 a\n" },
	/* A file in place of a directory hides what that held, for good. */
	{ "0 5 a\n0 0 a/b\n1 0 a\n", "1 a\n" },
	{ "0 5 a\n0 0 a/b\n1 0 a\n2 5 a\n2 0 a/c\n", "2 a\n2 a/c\n" },
	{ "0 5 a\n0 0 a/b\n1 2 a >x\n", "1 a\n" },
	{ "0 0 a\n1 5 a\n1 0 a/b\n", "1 a\n1 a/b\n" },
	{ "0 0 a\n0 1 b >/a\n", "0 a\n0 b\n" },
};

static void add_case(struct buf *layers, size_t *count, const char *text)
{
	struct slice rest = slice_from(text);
	struct slice line;

	*count = 0;
	while (slice_cut(&line, &rest, '\n')) {
		size_t layer = (size_t)(line.at[0] - '0');
		char *path = mem_text(
			(struct slice){ line.at + 4, line.len - 4 });
		char *link = strstr(path, " >");

		if (link)
			*link = '\0';
		add(&layers[layer], line.at[2], path,
		    slice_from(link ? link + 2 : ""));
		if (layer >= *count)
			*count = layer + 1;
		free(path);
	}
}

/* The tree of a case, or the message why there is none. */
static void print_tree(struct buf *out, const char *entries)
{
	struct buf layers[3] = { 0 };
	auto_buf struct buf tar = { 0 };
	struct reader reader;
	struct reader_image image = { 0 };
	struct tree *tree = NULL;
	struct tree_node node;
	struct err err;
	size_t count;

	add_case(layers, &count, entries);
	make_archive(&tar, layers, count);
	if (open_archive(&reader, &image, &tar, &err) < 0 ||
	    !(tree = tree_read(&reader, &image, NULL, &err)))
		buf_text(out, err.text);
	else
		while (tree_next_there(&node, tree, &err) > 0)
			buf_fmt(out, "%u %s\n", node.layer, node.path);
	tree_free(tree);
	reader_image_free(&image);
	reader_close(&reader);
	for (size_t i = 0; i < 3; i++)
		buf_free(&layers[i]);
}

static void layers_make_one_tree(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_buf struct buf got = { 0 };

		print_tree(&got, cases[i].entries);
		if (strcmp(buf_slice(&got).at, cases[i].tree) != 0)
			fail_msg("of\n%sexpected\n%sgot\n%s", cases[i].entries,
				 cases[i].tree, buf_slice(&got).at);
	}
}

static void a_path_that_leads_out_is_refused(void **state)
{
	auto_buf struct buf got = { 0 };

	(void)state;
	print_tree(&got, "0 0 a/../../b\n");
	assert_string_equal(buf_slice(&got).at,
			    "layer 0: a/../../b: '..' in the path");
	got.len = 0;
	print_tree(&got, "0 1 a >../b\n");
	assert_string_equal(buf_slice(&got).at,
			    "layer 0: a: '..' in the link ../b");
}

static void nodes_are_found_by_path(void **state)
{
	struct buf layers[3] = { 0 };
	auto_buf struct buf tar = { 0 };
	struct reader reader;
	struct reader_image image = { 0 };
	struct tree_node node;
	struct err err;
	size_t count;

	(void)state;
	add_case(layers, &count, "0 5 a\n0 0 a/b\n0 0 c\n1 0 .wh.c\n");
	make_archive(&tar, layers, count);
	assert_int_equal(open_archive(&reader, &image, &tar, &err), 0);
	struct tree *tree = tree_read(&reader, &image, NULL, &err);

	assert_non_null(tree);
	assert_int_equal(tree_find(&node, tree, "a/b", &err), 1);
	assert_string_equal(node.path, "a/b");
	assert_string_equal(node.content.text,
			    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649"
			    "b934ca495991b7852b855");
	assert_int_equal(tree_find(&node, tree, "a", &err), 1);
	assert_int_equal(tree_find(&node, tree, "c", &err), 0);
	assert_int_equal(tree_find(&node, tree, "a/bb", &err), 0);
	tree_free(tree);
	reader_image_free(&image);
	reader_close(&reader);
	for (size_t i = 0; i < 3; i++)
		buf_free(&layers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_make_one_tree),
		cmocka_unit_test(a_path_that_leads_out_is_refused),
		cmocka_unit_test(nodes_are_found_by_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
