#include "tool/derivation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "image/root.h"
#include "tool/image_code.h"

/* The length of the character that begins there, 0 for what is none. */
static size_t character(const unsigned char *at)
{
	size_t len = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;

	if (at[0] < 0x80)
		return at[0] >= 0x20 && at[0] != 0x7f;
	if (at[0] < 0xc2 || at[0] > 0xf4 || (at[0] == 0xc2 && at[1] < 0xa0))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

void derivation_clean(char *text)
{
	while (*text) {
		size_t len = character((const unsigned char *)text);

		if (!len)
			*text = '?';
		text += len ? len : 1;
	}
}

/* A script is no program that has code; the line below says which has. */
static int refuse_script(struct slice bytes, const char *program,
			 struct err *err)
{
	struct slice line, rest = bytes;

	slice_cut(&line, &rest, '\n');
	if (line.len > 80)
		line.len = 80;
	line.at += 2;
	line.len -= 2;
	line = slice_trim(line);
	return err_set(err, 0,
		       "%s: a script of %.*s: its calls are not in its code; "
		       "trace it instead",
		       program, SLICE_ARGS(line));
}

static int check_script(const char *program, struct err *err)
{
	char begin[128];
	FILE *file = fopen(program, "re");
	size_t len = file ? fread(begin, 1, sizeof(begin), file) : 0;

	if (file)
		fclose(file);
	if (len > 2 && begin[0] == '#' && begin[1] == '!')
		return refuse_script((struct slice){ begin, len }, program,
				     err);
	return 0;
}

static int find_in_image(struct libraries *out,
			 const struct derivation_request *request,
			 struct err *err)
{
	const struct image_code code = {
		.image = request->image,
		.arch = request->arch,
		.program = request->program,
		.with = request->with,
		.with_count = request->with_count,
	};
	int result = image_code_find(out, &code, err);

	if (result < 0)
		derivation_clean(err->text);
	return result;
}

int derivation_find(struct libraries *out,
		    const struct derivation_request *request, struct err *err)
{
	if (request->image)
		return find_in_image(out, request, err);
	auto_root struct root root = { .fd = -1 };
	const struct view view = { .root = &root };
	struct libraries_request files = { .view = &view,
					   .file = request->program };
	int result = check_script(request->program, err);

	*out = (struct libraries){ 0 };
	if (result == 0)
		result = root_open(&root, request->root ? request->root : "/",
				   err);
	if (result == 0)
		result = libraries_open(out, &files, err);
	for (size_t i = 0; result == 0 && i < request->with_count; i++)
		result = libraries_add(out, request->with[i], "--with", err);
	if (result == 0)
		return 0;
	derivation_clean(err->text);
	libraries_close(out);
	return -1;
}

void derivation_begin(struct derivation *out, struct libraries *libraries,
		      bool is_complete)
{
	*out = (struct derivation){ .libraries = *libraries,
				    .is_complete = is_complete };
	*libraries = (struct libraries){ 0 };
}

static void forget_analysis(struct derivation *derivation)
{
	derive_close(&derivation->derive);
	free(derivation->files);
	derivation->files = NULL;
}

static int fail(struct derivation *derivation, struct err *err)
{
	derivation_clean(err->text);
	derivation_close(derivation);
	return -1;
}

int derivation_analyse(struct derivation *derivation, struct err *err)
{
	size_t count = derivation->libraries.files.count;

	forget_analysis(derivation);
	derivation->files = mem_new(count, sizeof(*derivation->files));
	for (size_t i = 0; i < count; i++) {
		const struct library *file = &derivation->libraries.files.at[i];

		derivation->files[i] = (struct program_file){
			.name = slice_from(file->name),
			.bytes = file->bytes,
			.is_whole = file->is_whole,
			.is_loader = file->is_loader,
			.is_late = file->is_late,
		};
	}
	if (derive_run(&derivation->derive, derivation->files, count, err) == 0)
		return 0;
	return fail(derivation, err);
}

int derivation_answer(bool *is_news, struct derivation *derivation,
		      struct err *err)
{
	*is_news = false;
	if (choices_answer_all(is_news, &derivation->choices,
			       &derivation->libraries, &derivation->derive,
			       err) == 0)
		return 0;
	return fail(derivation, err);
}

void derivation_give_up(struct derivation *derivation)
{
	const struct module *program = derivation->derive.program.modules.at;
	uint64_t at = program->base + program->view.entry;

	LIST_ADD(&derivation->derive.opens,
		 (struct derive_open){ DERIVE_LOAD, at,
				       "libraries that open others, on and on",
				       at, SLICE("") });
}

int derivation_run(struct derivation *out, struct libraries *libraries,
		   bool is_complete, struct err *err)
{
	bool is_news = true;

	derivation_begin(out, libraries, is_complete);
	for (int i = 0; is_news && i < DERIVATION_ROUNDS; i++)
		if (derivation_analyse(out, err) < 0 ||
		    derivation_answer(&is_news, out, err) < 0)
			return -1;
	if (is_news)
		derivation_give_up(out);
	return 0;
}

int derivation_open(struct derivation *out,
		    const struct derivation_request *request, struct err *err)
{
	struct libraries libraries;

	if (derivation_find(&libraries, request, err) < 0)
		return -1;
	return derivation_run(out, &libraries, request->is_complete, err);
}

void derivation_close(struct derivation *derivation)
{
	forget_analysis(derivation);
	choices_free(&derivation->choices);
	libraries_close(&derivation->libraries);
	*derivation = (struct derivation){ 0 };
}

bool derivation_is_open(const struct derivation *derivation,
			const struct derive_open *open)
{
	return open->kind != DERIVE_LOAD || !derivation->is_complete;
}

size_t derivation_open_count(const struct derivation *derivation)
{
	const struct derive *derive = &derivation->derive;
	size_t count = 0;

	for (size_t i = 0; i < derive->opens.count; i++)
		count += derivation_is_open(derivation, &derive->opens.at[i]);
	return count;
}

struct derivation_place derivation_place(const struct derivation *derivation,
					 uint64_t address)
{
	const struct program *program = &derivation->derive.program;
	const struct module *module = program_module(program, address);
	struct derivation_place place = { .file = "?" };
	uint64_t begin;

	if (!module)
		return place;
	place.file = derivation->libraries.files
			     .at[module - program->modules.at]
			     .path;
	place.address = address - module->base;
	if (!module_is_code(module, address))
		return place;
	place.function = module_function(&begin, module, address);
	place.offset = address - begin;
	return place;
}

void derivation_print_place(struct buf *out,
			    const struct derivation *derivation,
			    uint64_t address)
{
	struct derivation_place place = derivation_place(derivation, address);
	const char *slash = strrchr(place.file, '/');
	size_t begin = out->len;
	char text[64];

	buf_fmt(out, "%s", slash ? slash + 1 : place.file);
	if (place.function.len) {
		snprintf(text, sizeof(text), "+0x%llx",
			 (unsigned long long)place.offset);
		buf_fmt(out, " %.*s%s", SLICE_ARGS(place.function), text);
	}
	snprintf(text, sizeof(text), " (0x%llx)",
		 (unsigned long long)place.address);
	buf_text(out, text);
	derivation_clean(out->at + begin);
}
