#ifndef IMAGE_RECIPE_EXEC_H
#define IMAGE_RECIPE_EXEC_H

/*
 * recipe_exec: AllowExec= of single platforms, "linux/riscv64 linux/arm64",
 * which is yes there and no elsewhere. pith-init knows yes and no alone.
 */
#include <stdbool.h>

#include "base/slice.h"

struct arch;
struct err;
struct recipe;

/* Whether a value of AllowExec= names platforms. */
bool recipe_exec_is_platforms(struct slice value);

/* Take such a value into the recipe. */
int recipe_exec_set(struct recipe *recipe, struct slice value, struct err *err);

/* Those that it names must be the recipe's own. */
int recipe_exec_check(const struct recipe *recipe, struct err *err);

/* The recipe becomes that platform's. */
void recipe_choose(struct recipe *recipe, const struct arch *arch);

#endif
