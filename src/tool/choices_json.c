#include "tool/choices_json.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"
#include "seccomp/known.h"

static json_t *text_of(const char *text)
{
	auto_free char *clean = mem_text(slice_from(text));
	json_t *value;

	derivation_clean(clean);
	value = json_string(clean);
	return value ? value : json_string("?");
}

static json_t *names_of(char *const *names, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, text_of(names[i]));
	return array;
}

static const char *by_of(const struct derivation *derivation,
			 const struct choice *choice)
{
	const char *name = derivation->libraries.files.at[choice->by].name;
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

json_t *choices_shown(const struct derivation *derivation)
{
	json_t *array = json_array();

	for (size_t i = 0; i < derivation->choices.all.count; i++) {
		const struct choice *choice = &derivation->choices.all.at[i];

		/* Nothing is opened by it, or there is no answer. */
		if (choice->known && choice->known->kind == KNOWN_PRELOAD)
			continue;
		json_array_append_new(
			array,
			json_pack(
				"{s:o,s:o,s:o,s:o,s:o,s:I}", "by",
				text_of(by_of(derivation, choice)), "what",
				text_of(choice->known ? choice->known->what
						      : choice->name),
				"read",
				text_of(choice->read ? choice->read : ""),
				"found",
				names_of(choice->found.at, choice->found.count),
				"absent",
				names_of(choice->absent.at,
					 choice->absent.count),
				"inert", (json_int_t)choice->inert_count));
	}
	return array;
}

static bool has_note(const json_t *notes, const char *text)
{
	for (size_t i = 0; i < json_array_size(notes); i++)
		if (strcmp(json_string_value(json_array_get(notes, i)), text) ==
		    0)
			return true;
	return false;
}

void choices_add_notes(json_t *notes, const struct derivation *derivation)
{
	for (size_t i = 0; i < derivation->choices.all.count; i++) {
		const struct choice *choice = &derivation->choices.all.at[i];
		auto_buf struct buf text = { 0 };

		if (!choice->is_partial)
			continue;
		buf_fmt(&text, "%s may open %s", by_of(derivation, choice),
			choice->known->what);
		if (!has_note(notes, text.at))
			json_array_append_new(notes, text_of(text.at));
	}
}

static void add_part(json_t *parts, const char *path, const struct sum *sum)
{
	json_array_append_new(parts, json_pack("{s:o,s:s,s:s,s:s,s:s}", "path",
					       text_of(path), "real", "",
					       "source", "", "sha256",
					       sum_hex(sum), "build_id", ""));
}

void choices_add_parts(json_t *parts, const struct choices *choices)
{
	for (size_t i = 0; i < choices->all.count; i++) {
		const struct choice *choice = &choices->all.at[i];

		if (choice->read)
			add_part(parts, choice->read, &choice->read_sum);
		if (choice->inert_count)
			add_part(parts, choice->inert_at, &choice->inert);
	}
}

bool choices_save_asks(struct buf *out, const struct derivation *derivation)
{
	const struct derive *derive = &derivation->derive;
	json_t *array = json_array();
	char *text = NULL;
	bool is_good = true;

	for (size_t i = 0; i < derive->asks.count && is_good; i++) {
		const struct derive_ask *ask = &derive->asks.at[i];
		json_t *name = json_stringn(ask->name.at, ask->name.len);

		is_good = name;
		if (!name || choices_have(&derivation->choices, ask)) {
			json_decref(name);
			continue;
		}
		json_array_append_new(
			array, json_pack("{s:o,s:I,s:I}", "name", name, "by",
					 (json_int_t)ask->by, "known",
					 ask->known ? (json_int_t)(ask->known -
								   known_all)
						    : (json_int_t)-1));
	}
	if (is_good && json_array_size(array)) {
		json_t *asks = json_pack("{s:O}", "asks", array);

		text = json_dumps(asks, JSON_COMPACT);
		json_decref(asks);
	}
	if (text)
		buf_text(out, text);
	free(text);
	json_decref(array);
	return is_good;
}

static int load_ask(struct derivation *derivation, const json_t *object,
		    struct err *err)
{
	const char *name = json_string_value(json_object_get(object, "name"));
	json_int_t by = json_integer_value(json_object_get(object, "by"));
	json_int_t known = json_integer_value(json_object_get(object, "known"));
	bool is_news = false;

	if (!name || by < 0 || known < -1 || known >= (json_int_t)known_count)
		return 0;
	const struct derive_ask ask = {
		.known = known < 0 ? NULL : &known_all[known],
		.name = slice_from(name),
		.by = (size_t)by,
	};

	return choices_answer(&is_news, &derivation->choices,
			      &derivation->libraries, &ask, err) < 0
		       ? -1
		       : 1;
}

int choices_load_asks(struct derivation *derivation, struct slice text,
		      struct err *err)
{
	json_t *whole = json_loadb(text.at, text.len, 0, NULL);
	const json_t *array = json_object_get(whole, "asks");
	int result = json_array_size(array) > 0;

	for (size_t i = 0; result > 0 && i < json_array_size(array); i++)
		result = load_ask(derivation, json_array_get(array, i), err);
	json_decref(whole);
	return result;
}
