#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "image/stack.h"

static void add(struct plan *plan, const char *path, enum plan_layer layer,
		uint64_t size)
{
	struct plan_entry entry = { .path = path,
				    .layer = layer,
				    .type = TAR_FILE,
				    .mode = 0644,
				    .size = size,
				    .from = "/dev/null",
				    .origin = "a test" };
	struct err err;

	assert_int_equal(plan_add(plan, &entry, &err), 0);
}

static void add_dir(struct plan *plan, const char *path, enum plan_layer layer,
		    uint32_t mode)
{
	struct plan_entry entry = { .path = path,
				    .layer = layer,
				    .type = TAR_DIR,
				    .mode = mode & 07777,
				    .origin = "a test" };
	struct err err;

	assert_int_equal(plan_add(plan, &entry, &err), 0);
}

static void finish(struct plan *plan)
{
	struct err err;

	if (plan_finish(plan, &err) < 0)
		fail_msg("%s", err.text);
}

static unsigned int layers_of(const struct plan *plan, const char *path)
{
	assert_non_null(plan_find(plan, path));
	return plan_find(plan, path)->layers;
}

enum {
	BASE = 1 << PLAN_BASE,
	LIBRARY = 1 << PLAN_LIBRARY,
	PROGRAM = 1 << PLAN_PROGRAM,
	DEBUG = 1 << PLAN_DEBUG,
};

/* What the layers of sizes so many bytes become. */
static void expect(const uint64_t sizes[PLAN_LAYERS],
		   const unsigned int *expected, size_t count)
{
	static const char *const paths[] = { "/a", "/b", "/c", "/d" };
	struct plan plan = { 0 };
	struct stack stack;

	for (size_t i = 0; i < PLAN_LAYERS; i++)
		if (sizes[i])
			add(&plan, paths[i], (enum plan_layer)i, sizes[i]);
	finish(&plan);
	stack_of(&stack, &plan);
	assert_int_equal(stack.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(stack.layers[i], expected[i]);
	plan_free(&plan);
}

static void what_is_small_goes_up_into_the_next(void **state)
{
	enum { BIG = STACK_SMALL, TINY = 100 };

	(void)state;
	expect((uint64_t[]){ TINY, 0, TINY, 0 },
	       (unsigned int[]){ BASE | PROGRAM }, 1);
	expect((uint64_t[]){ BIG, 0, TINY, 0 },
	       (unsigned int[]){ BASE, PROGRAM }, 2);
	expect((uint64_t[]){ TINY, BIG, BIG, 0 },
	       (unsigned int[]){ BASE | LIBRARY, PROGRAM }, 2);
	expect((uint64_t[]){ BIG, TINY, BIG, 0 },
	       (unsigned int[]){ BASE, LIBRARY | PROGRAM }, 2);
	expect((uint64_t[]){ BIG, BIG, TINY, TINY },
	       (unsigned int[]){ BASE, LIBRARY, PROGRAM, DEBUG }, 4);
	/* The program's stays what it is under whatever a debug image adds. */
	expect((uint64_t[]){ TINY, 0, TINY, BIG },
	       (unsigned int[]){ BASE | PROGRAM, DEBUG }, 2);
}

/* Two small ones may be worth a layer together. */
static void small_ones_add_up(void **state)
{
	(void)state;
	expect((uint64_t[]){ STACK_SMALL / 2, STACK_SMALL / 2, 1, 0 },
	       (unsigned int[]){ BASE | LIBRARY, PROGRAM }, 2);
}

static void names_are_those_of_the_topmost_part(void **state)
{
	struct stack stack = { 1, { BASE | PROGRAM } };

	(void)state;
	assert_null(stack_name(&stack, 0));
	stack = (struct stack){ 2, { BASE | LIBRARY, PROGRAM } };
	assert_string_equal(stack_name(&stack, 0), "libraries");
	assert_string_equal(stack_name(&stack, 1), "program");
}

static void a_directory_is_in_every_layer_that_is_below_it(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add(&plan, "/etc/passwd", PLAN_BASE, 1);
	add(&plan, "/etc/app/conf", PLAN_PROGRAM, 1);
	add(&plan, "/etc-not/x", PLAN_DEBUG, 1);
	add(&plan, "/usr/lib/libx", PLAN_LIBRARY, 1);
	add(&plan, "/usr/lib/app", PLAN_PROGRAM, 1);
	add_dir(&plan, "/tmp", PLAN_BASE, 01777);
	finish(&plan);
	assert_int_equal(layers_of(&plan, "/"),
			 BASE | LIBRARY | PROGRAM | DEBUG);
	assert_int_equal(layers_of(&plan, "/etc"), BASE | PROGRAM);
	assert_int_equal(layers_of(&plan, "/etc/app"), PROGRAM);
	assert_int_equal(layers_of(&plan, "/etc-not"), DEBUG);
	assert_int_equal(layers_of(&plan, "/etc/passwd"), BASE);
	assert_int_equal(layers_of(&plan, "/usr/lib"), LIBRARY | PROGRAM);
	assert_int_equal(layers_of(&plan, "/tmp"), BASE);
	/* More in it, and finished again: as the builder does. */
	add(&plan, "/tmp/x", PLAN_PROGRAM, 1);
	finish(&plan);
	assert_int_equal(layers_of(&plan, "/tmp"), BASE | PROGRAM);
	plan_free(&plan);
}

/* Equal ones are one, and it stands where the lower wants it. */
static void a_directory_belongs_to_the_lowest_that_names_it(void **state)
{
	struct plan plan = { 0 };

	(void)state;
	add_dir(&plan, "/data", PLAN_PROGRAM, 0700);
	add_dir(&plan, "/data", PLAN_BASE, 0700);
	add(&plan, "/srv/a", PLAN_PROGRAM, 1);
	add(&plan, "/srv/b", PLAN_LIBRARY, 1);
	add_dir(&plan, "/srv", PLAN_PROGRAM, 0750);
	finish(&plan);
	assert_int_equal(plan_find(&plan, "/data")->layer, PLAN_BASE);
	/* One mode in all layers, the one that somebody chose. */
	assert_int_equal(layers_of(&plan, "/srv"), LIBRARY | PROGRAM);
	assert_int_equal(plan_find(&plan, "/srv")->mode, 0750);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_small_goes_up_into_the_next),
		cmocka_unit_test(small_ones_add_up),
		cmocka_unit_test(names_are_those_of_the_topmost_part),
		cmocka_unit_test(
			a_directory_is_in_every_layer_that_is_below_it),
		cmocka_unit_test(
			a_directory_belongs_to_the_lowest_that_names_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
