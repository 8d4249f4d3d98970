/* Members of JSON, and the includes and excludes of templates. */
#include "seccomp/oci_json.h"

#include <string.h>

#include "arch/arch.h"
#include "base/err.h"
#include "base/num.h"
#include "seccomp/oci.h"
#include "seccomp/word.h"

/* Whom includes and excludes are about. */
struct who {
	const struct arch *arch;
	const struct oci_machine *machine;
};

/* The member of that name, or NULL where there is none or it is null. */
const json_t *oci_member(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_null(value) ? NULL : value;
}

int oci_text(const char **out, const json_t *object, const char *key,
	     struct err *err)
{
	const json_t *value = oci_member(object, key);

	*out = json_string_value(value);
	if (value && !*out)
		return err_set(err, 0, "%s: not a string", key);
	return 0;
}

int oci_list(const json_t **out, const json_t *object, const char *key,
	     struct err *err)
{
	*out = oci_member(object, key);
	if (*out && !json_is_array(*out))
		return err_set(err, 0, "%s: not a list", key);
	return 0;
}

static bool has_cap(const struct who *who, const char *name)
{
	struct slice rest = who->machine->caps;
	struct slice word;

	while (slice_word(&word, &rest))
		if (slice_eq(word, name))
			return true;
	return false;
}

static int read_kernel(uint32_t *out, const char *text, struct err *err)
{
	struct slice rest = slice_from(text);
	struct slice major;
	uint32_t high, low;

	slice_cut(&major, &rest, '.');
	if (!num_u32(&high, major) || !num_u32(&low, rest) || high > 999 ||
	    low > 9999)
		return err_set(err, 0, "minKernel: '%s': not like 4.8",
			       word_shown(slice_from(text)).text);
	*out = high << 16 | low;
	return 0;
}

/* What one of the two says of this machine. */
struct matched {
	bool has_arches, arch;
	bool has_caps, any_cap, all_caps;
	bool has_kernel, kernel;
};

static int match_lists(struct matched *out, const struct who *who,
		       const json_t *filter, struct err *err)
{
	const struct arch *arch = who->arch;
	const json_t *arches, *caps;

	if (oci_list(&arches, filter, "arches", err) < 0 ||
	    oci_list(&caps, filter, "caps", err) < 0)
		return -1;
	out->has_arches = json_array_size(arches);
	for (size_t i = 0; i < json_array_size(arches); i++) {
		const char *name = json_string_value(json_array_get(arches, i));

		out->arch = out->arch || (name && strcmp(name, arch->oci) == 0);
	}
	out->has_caps = json_array_size(caps);
	out->all_caps = true;
	for (size_t i = 0; i < json_array_size(caps); i++) {
		const char *name = json_string_value(json_array_get(caps, i));
		bool has = name && has_cap(who, name);

		out->any_cap = out->any_cap || has;
		out->all_caps = out->all_caps && has;
	}
	return 0;
}

static int match(struct matched *out, const struct who *who,
		 const json_t *filter, struct err *err)
{
	const char *kernel;
	uint32_t least = 0;

	*out = (struct matched){ 0 };
	if (filter && !json_is_object(filter))
		return err_set(err, 0, "not an object");
	if (match_lists(out, who, filter, err) < 0 ||
	    oci_text(&kernel, filter, "minKernel", err) < 0)
		return -1;
	if (!kernel || !*kernel)
		return 0;
	if (read_kernel(&least, kernel, err) < 0)
		return -1;
	out->has_kernel = true;
	out->kernel = !who->machine->kernel || who->machine->kernel >= least;
	return 0;
}

int oci_is_meant(bool *out, const struct arch *arch,
		 const struct oci_machine *machine, const json_t *entry,
		 struct err *err)
{
	const struct who who = { arch, machine };
	struct matched in, ex;

	if (match(&in, &who, oci_member(entry, "includes"), err) < 0)
		return err_wrap(err, "includes");
	if (match(&ex, &who, oci_member(entry, "excludes"), err) < 0)
		return err_wrap(err, "excludes");
	*out = !(ex.has_arches && ex.arch) && !ex.any_cap &&
	       !(ex.has_kernel && ex.kernel) && !(in.has_arches && !in.arch) &&
	       (!in.has_caps || in.all_caps) && !(in.has_kernel && !in.kernel);
	return 0;
}
