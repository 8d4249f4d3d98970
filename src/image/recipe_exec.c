#include "image/recipe_exec.h"

#include "arch/arch.h"
#include "base/err.h"
#include "image/recipe.h"
#include "image/recipe_key.h"

static bool has(const struct recipe_archs *archs, const struct arch *arch)
{
	for (size_t i = 0; i < archs->count; i++)
		if (archs->at[i] == arch)
			return true;
	return false;
}

bool recipe_exec_is_platforms(struct slice value)
{
	return slice_has_prefix(value, "linux/");
}

int recipe_exec_set(struct recipe *recipe, struct slice value, struct err *err)
{
	struct recipe_archs *own = &recipe->exec;
	struct slice word;

	own->count = 0;
	while (slice_word(&word, &value))
		if (recipe_platform(own->at, &own->count, word, err) < 0)
			return err_wrap(err, "AllowExec");
	return 0;
}

int recipe_exec_check(const struct recipe *recipe, struct err *err)
{
	for (size_t i = 0; i < recipe->exec.count; i++) {
		const struct arch *arch = recipe->exec.at[i];
		size_t k = 0;

		while (k < recipe->arch_count && recipe->archs[k] != arch)
			k++;
		if (k == recipe->arch_count)
			return err_set(err, 0,
				       "AllowExec: linux/%s: none of "
				       "Platforms=",
				       arch->oci);
	}
	return 0;
}

void recipe_choose(struct recipe *recipe, const struct arch *arch)
{
	recipe->arch = arch;
	if (recipe->exec.count)
		recipe->service.allow_exec = has(&recipe->exec, arch);
}
