#include "tool/derived.h"

#include <string.h>
#include <sys/stat.h>

#include "arch/arch.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/scope.h"
#include "image/sum.h"
#include "tool/cache.h"
#include "tool/choices_json.h"
#include "tool/derivation.h"
#include "tool/derived_json.h"

/*
 * What the result depends on: the files, in their order, and who analyses.
 * A pith that was built again is another one, of whatever version.
 */
static struct sum key_of(const struct derivation *derivation)
{
	const struct libraries *libraries = &derivation->libraries;
	auto_buf struct buf text = { 0 };
	struct stat st = { 0 };

	stat("/proc/self/exe", &st);
	buf_fmt(&text, "pith %s %llu %lld.%ld %d\n", PITH_VERSION,
		(unsigned long long)st.st_size, (long long)st.st_mtim.tv_sec,
		st.st_mtim.tv_nsec, derivation->is_complete);
	for (size_t i = 0; i < libraries->files.count; i++) {
		struct library *file = &libraries->files.at[i];

		buf_fmt(&text, "%s %d%d ", library_sum(file)->text,
			file->is_whole, file->is_loader);
		buf_add(&text, file->path, strlen(file->path) + 1);
		buf_add(&text, file->name, strlen(file->name) + 1);
		buf_add(&text, library_real(file),
			strlen(library_real(file)) + 1);
		buf_add(&text, library_source(file),
			strlen(library_source(file)) + 1);
	}
	choices_print_key(&text, &derivation->choices);
	return sum_of(buf_slice(&text));
}

/* Whoever wrote it: what the rest of the tool counts on must be there. */
static bool is_valid(const json_t *derived)
{
	static const char *const arrays[] = { "calls", "unknown_numbers",
					      "open",  "notes",
					      "files", "starts",
					      "parts", "chosen" };
	const json_t *calls = json_object_get(derived, "calls");

	if (!derived_arch(derived))
		return false;
	for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
		if (!json_is_array(json_object_get(derived, arrays[i])))
			return false;
	for (size_t i = 0; i < json_array_size(calls); i++)
		if (!json_is_string(json_array_get(calls, i)))
			return false;
	return json_is_string(json_object_get(derived, "program")) &&
	       json_is_string(json_object_get(derived, "status"));
}

/*
 * What is kept of a state is the result, or what has to be known for the next
 * state: whether its libraries are there, and which. Returns 1 for the result
 * in *out, 0 for none, and -1.
 */
static int find_cached(json_t **out, struct derivation *derivation,
		       struct err *err)
{
	int got = 1;

	*out = NULL;
	for (int i = 0; got > 0 && i < DERIVATION_ROUNDS; i++) {
		auto_buf struct buf text = { 0 };
		struct sum key = key_of(derivation);

		if (!cache_load(&text, "derive", sum_hex(&key)))
			return 0;
		*out = json_loadb(text.at, text.len, 0, NULL);
		if (*out && is_valid(*out))
			return 1;
		json_decref(*out);
		*out = NULL;
		got = choices_load_asks(derivation, buf_slice(&text), err);
	}
	return got < 0 ? -1 : 0;
}

static void keep(const json_t *derived, const struct derivation *derivation)
{
	struct sum key = key_of(derivation);
	char *text = json_dumps(derived, JSON_COMPACT);

	if (text)
		cache_save("derive", sum_hex(&key), slice_from(text));
	free(text);
}

/* One analysis, and what it asks for; *is_kept: that could be kept. */
static int step(bool *is_news, bool *is_kept, struct derivation *derivation,
		struct err *err)
{
	struct sum key = key_of(derivation);
	auto_buf struct buf asks = { 0 };

	if (derivation_analyse(derivation, err) < 0)
		return -1;
	*is_kept = choices_save_asks(&asks, derivation);
	if (asks.len)
		cache_save("derive", sum_hex(&key), buf_slice(&asks));
	return derivation_answer(is_news, derivation, err);
}

static int run(json_t **out, struct derivation *derivation, struct err *err)
{
	bool is_news = true, is_kept = true;
	int got = find_cached(out, derivation, err);

	if (got < 0) {
		derivation_clean(err->text);
		derivation_close(derivation);
		return -1;
	}
	for (int i = 0; !got && is_news && i < DERIVATION_ROUNDS; i++)
		if (step(&is_news, &is_kept, derivation, err) < 0)
			return -1;
	if (!got && is_news)
		derivation_give_up(derivation);
	if (!got)
		*out = derived_json(derivation);
	if (!got && *out && is_kept)
		keep(*out, derivation);
	derivation_close(derivation);
	return *out ? 0 : err_set(err, 0, "a name that is not UTF-8");
}

int derived_make(json_t **out, struct libraries *libraries, bool is_complete,
		 struct err *err)
{
	struct derivation derivation;

	derivation_begin(&derivation, libraries, is_complete);
	return run(out, &derivation, err);
}

const struct arch *derived_arch(const json_t *derived)
{
	const char *name = json_string_value(json_object_get(derived, "arch"));

	return name ? arch_by_name(slice_from(name)) : NULL;
}

void derived_calls(bool *calls, const json_t *derived)
{
	const json_t *names = json_object_get(derived, "calls");
	const struct arch *arch = derived_arch(derived);

	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *name = json_string_value(json_array_get(names, i));
		int nr = arch_syscall_nr(arch, slice_from(name));

		if (nr >= 0 && nr < DERIVE_NR_MAX)
			calls[nr] = true;
	}
}

size_t derived_open_count(const json_t *derived)
{
	const json_t *opens = json_object_get(derived, "open");
	size_t count = 0;

	for (size_t i = 0; i < json_array_size(opens); i++)
		count += !json_is_true(json_object_get(json_array_get(opens, i),
						       "vouched_for"));
	return count;
}
