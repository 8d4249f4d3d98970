#include "tool/automatic.h"

#include <string.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "image/libraries.h"
#include "image/recipe.h"
#include "seccomp/machine.h"
#include "tool/derivation.h"
#include "tool/derived.h"

static size_t count_vouched(const json_t *derived)
{
	return json_array_size(json_object_get(derived, "open")) -
	       derived_open_count(derived);
}

static int add(struct automatic *automatic, const char *path, bool is_complete,
	       struct err *err)
{
	struct libraries libraries;
	json_t *derived;

	if (automatic->find(&libraries, automatic->of, path, err) < 0 ||
	    derived_make(&derived, &libraries, is_complete, err) < 0)
		return err_wrap(err, "auto");
	if (derived_arch(derived) != automatic->arch) {
		json_decref(derived);
		return err_set(err, 0,
			       "auto: %s: a program for another "
			       "machine than linux/%s",
			       path, automatic->arch->oci);
	}
	derived_calls(automatic->calls, derived);
	automatic->open_count += derived_open_count(derived);
	automatic->vouched_count += count_vouched(derived);
	json_object_set_new(derived, "at", json_string(path));
	json_array_append_new(automatic->programs, derived);
	return 0;
}

int automatic_open(struct derivation *out, const struct automatic *automatic,
		   const char *path, struct err *err)
{
	struct libraries libraries;

	if (automatic->find(&libraries, automatic->of, path, err) < 0)
		return -1;
	return derivation_run(out, &libraries, false, err);
}

/* Each begins a command: the first word, and every one behind a NULL. */
static int add_commands(struct automatic *automatic,
			const struct service_words *words, bool is_complete,
			struct err *err)
{
	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (add(automatic, word + (*word == '-'), is_complete, err) < 0)
			return -1;
		while (words->at[i])
			i++;
	}
	return 0;
}

/* Code is read for some machines only. */
static int check_machine(const struct arch *arch, struct err *err)
{
	auto_buf struct buf names = { 0 };

	for (size_t i = 0; machine_all[i]; i++) {
		if (machine_all[i]->arch == arch)
			return 0;
		buf_fmt(&names, "%s%s", i ? ", " : "",
			machine_all[i]->arch->oci);
	}
	return err_set(err, 0,
		       "auto: not for linux/%s, whose code pith does not read "
		       "(but %s): list the calls, such as file:POLICY from "
		       "pith profile trace on such a machine, or @default",
		       arch->oci, names.at);
}

int automatic_derive(struct automatic *automatic, const struct recipe *recipe,
		     bool is_complete, struct err *err)
{
	const struct service *service = &recipe->service;

	if (check_machine(recipe->arch, err) < 0)
		return -1;
	if (!automatic->find)
		return err_set(err, 0,
			       "auto: not for what others built: list the "
			       "calls, or trace them");
	automatic->arch = recipe->arch;
	automatic->programs = json_array();
	if (add(automatic, service->exec.at[0], is_complete, err) < 0)
		return -1;
	for (size_t i = 0; i < recipe->also.count; i++)
		if (add(automatic, recipe->also.at[i], is_complete, err) < 0)
			return -1;
	if (add_commands(automatic, &service->start_pre, is_complete, err) < 0)
		return -1;
	return add_commands(automatic, &service->stop_post, is_complete, err);
}

static const json_t *first_open(const json_t *derived)
{
	const json_t *opens = json_object_get(derived, "open");

	for (size_t i = 0; i < json_array_size(opens); i++) {
		const json_t *open = json_array_get(opens, i);

		if (!json_is_true(json_object_get(open, "vouched_for")))
			return open;
	}
	return NULL;
}

void automatic_print_open(struct buf *out, const struct automatic *automatic)
{
	for (size_t i = 0; i < json_array_size(automatic->programs); i++) {
		const json_t *open = first_open(
			json_array_get(automatic->programs, i));
		const char *name = json_string_value(
			json_object_get(open, "name"));

		if (!open)
			continue;
		buf_fmt(out, "%s: %s%s%s%s",
			json_string_value(json_object_get(open, "shown")),
			name ? "library " : "", name ? name : "",
			name ? ": " : "",
			json_string_value(json_object_get(open, "why")));
		return;
	}
}

const json_t *automatic_starts(const struct automatic *automatic)
{
	return json_object_get(json_array_get(automatic->programs, 0),
			       "starts");
}

void automatic_free(struct automatic *automatic)
{
	json_decref(automatic->programs);
	*automatic = (struct automatic){ .programs = NULL };
}
