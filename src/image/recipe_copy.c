/* The value of Copy=. */
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/num.h"
#include "data/service_key.h"
#include "image/filecaps.h"
#include "image/name.h"
#include "image/recipe_key.h"

static int set_option(struct recipe_copy *copy, char *word, struct err *err)
{
	struct slice value = slice_from(word);
	struct slice name;

	slice_cut(&name, &value, '=');
	if (slice_eq(name, "mode") && !copy->has_mode) {
		copy->has_mode = true;
		if (num_octal(&copy->mode, value) && copy->mode <= 07777)
			return 0;
		return err_set(err, 0, "'%s': no octal mode", word);
	}
	if (slice_eq(name, "owner") && !copy->owner && value.len) {
		copy->owner = value.at;
		return 0;
	}
	if (slice_eq(name, "caps") && !copy->caps) {
		copy->caps = value.at;
		return filecaps_encode(NULL, copy->caps, err);
	}
	return err_set(err, 0,
		       "'%s': expected mode=OCTAL, owner=USER:GROUP or "
		       "caps=CAPABILITIES, each once",
		       word);
}

static int check_target(const char *target, struct err *err)
{
	size_t len = strlen(target);
	auto_buf struct buf path = { 0 };

	/* A slash at the end means "into", and is no part of the path. */
	if (len > 1 && target[len - 1] == '/')
		len--;
	buf_add(&path, target, len);
	return name_check_path(path.at, err);
}

int recipe_copy_set(struct recipe *recipe, char *value, unsigned int line,
		    struct err *err)
{
	struct recipe_copy copy = { .line = line };
	char *source, *target, *word;
	int got = service_take_word(&source, &value);

	if (got > 0)
		got = service_take_word(&target, &value);
	if (got < 0)
		return recipe_bad_words(err);
	if (got == 0 || !*source)
		return err_set(err, 0,
			       "expected SOURCE TARGET [mode=OCTAL] "
			       "[owner=USER:GROUP] [caps=CAPABILITIES]");
	copy.source = source;
	copy.target = target;
	if (recipe_check_percent(source, err) < 0 ||
	    check_target(target, err) < 0)
		return -1;
	while ((got = service_take_word(&word, &value)) > 0)
		if (set_option(&copy, word, err) < 0)
			return -1;
	if (got < 0)
		return recipe_bad_words(err);
	recipe_add_copy(recipe, copy);
	return 0;
}
