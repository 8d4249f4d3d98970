#include "image/recipe_harden.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "data/harden.h"
#include "image/recipe.h"
#include "image/recipe_key.h"

void recipe_harden_add(struct recipe *recipe, size_t key, const char *value,
		       unsigned int line)
{
	recipe->hardens = mem_grow(recipe->hardens, recipe->harden_count + 1,
				   sizeof(*recipe->hardens));
	recipe->hardens[recipe->harden_count++] = (struct recipe_harden){
		.key = key,
		.value = value,
		.line = line,
	};
}

/* One label a key: what all its lines say. */
static void add_label(struct recipe *recipe, size_t key)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < recipe->harden_count; i++) {
		const struct recipe_harden *item = &recipe->hardens[i];

		if (item->key != key)
			continue;
		if (text.len)
			buf_text(&text, " ");
		else
			buf_fmt(&text, "pith.filter.%s=", harden_key(key));
		buf_text(&text, item->value);
	}
	if (text.len)
		recipe_add_label(recipe, text.at);
}

int recipe_harden_finish(struct recipe *recipe, struct err *err)
{
	for (size_t i = 0; i < recipe->harden_count; i++) {
		const struct recipe_harden *item = &recipe->hardens[i];

		if (harden_set(&recipe->harden, item->key, recipe->arch,
			       slice_from(item->value), err) < 0) {
			err_wrap(err, "%s", harden_key(item->key));
			return recipe_wrap(err, recipe, item->line);
		}
	}
	for (size_t key = 0; harden_key(key); key++)
		add_label(recipe, key);
	return 0;
}

char *recipe_harden_words(struct recipe *recipe, char *value)
{
	struct slice rest = slice_from(value);
	struct slice word;
	struct buf text = { 0 };

	/* The first list says whether the lists allow or deny. */
	if (!*value || !recipe->service.filter.count)
		recipe->filter_denies = *value == '~';
	if (*value != '~')
		return value;
	rest.at++;
	rest.len--;
	while (slice_word(&word, &rest)) {
		/* "name:EIO" refuses as it is. */
		bool has_action = memchr(word.at, ':', word.len) &&
				  !slice_has_prefix(word, "file:");

		buf_text(&text, text.len ? " " : "");
		buf_text(&text, has_action ? "" : "~");
		buf_add(&text, word.at, word.len);
	}
	return text.at ? recipe_keep(recipe, text.at) : value;
}
