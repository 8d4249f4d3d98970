#include "seccomp/asks.h"

#include <elf.h>

#include "data/bytes.h"
#include "seccomp/known.h"
#include "seccomp/pam.h"
#include "seccomp/reach_parts.h"
#include "seccomp/sasl.h"
#include "seccomp/taken.h"

/* A text of a module. */
struct text {
	struct slice bytes;
	uint64_t address;
};

bool asks_can(const struct program *program)
{
	for (size_t i = 0; i < program->modules.count; i++)
		if (program->modules.at[i].is_loader)
			return true;
	return false;
}

/* glibc without its loader is a part of the program, and has no name. */
static bool is_known_module(const struct program *program,
			    const struct module *module,
			    const struct known *known)
{
	if (slice_has_prefix(module->name, known->module))
		return true;
	return module == program->modules.at && !asks_can(program) &&
	       slice_has_prefix(slice_from(known->module), "libc.");
}

/* The next text of a segment that ends in those bytes, from an offset on. */
static bool next_text(struct text *out, const struct module *module,
		      const struct elf_load *load, size_t *from,
		      const char *ending)
{
	size_t len = strlen(ending) + 1; /* with the zero byte */
	const char *bytes = load->bytes.at;
	const char *found = *from < load->bytes.len
				    ? memmem(bytes + *from,
					     load->bytes.len - *from, ending,
					     len)
				    : NULL;
	size_t begin;

	if (!found)
		return false;
	begin = (size_t)(found - bytes);
	*from = begin + len;
	while (begin && bytes[begin - 1])
		begin--;
	out->bytes = (struct slice){ bytes + begin, *from - 1 - begin };
	out->address = module->base + load->vaddr + begin;
	return true;
}

/* By code that is reached, or by data, of which all counts. */
static bool is_taken(const struct reach *reach, const struct module *module,
		     const struct text *text)
{
	uint64_t end = text->address + text->bytes.len;

	return module->view.type == ET_EXEC ||
	       reach_next_data(reach, text->address - 1) <= end ||
	       module_has_pointer(module, text->address, end + 1);
}

/* Call visit for each text of a known module that is in its file. */
static void each_text(const struct program *program,
		      const struct module *module, const struct known *known,
		      void (*visit)(void *context, const struct module *module,
				    const struct known *known,
				    const struct text *text),
		      void *context)
{
	if (!is_known_module(program, module, known))
		return;
	for (unsigned i = 0; i < module->view.load_count; i++) {
		struct text text;
		size_t from = 0;

		while (next_text(&text, module, &module->view.loads[i], &from,
				 known->text))
			visit(context, module, known, &text);
	}
}

static void each_known(const struct program *program,
		       void (*visit)(void *context, const struct module *module,
				     const struct known *known,
				     const struct text *text),
		       void *context)
{
	for (size_t i = 0; i < program->modules.count; i++)
		for (size_t n = 0; n < known_count; n++)
			each_text(program, &program->modules.at[i],
				  &known_all[n], visit, context);
}

static void see_any(void *context, const struct module *module,
		    const struct known *known, const struct text *text)
{
	bool *is_there = context;

	(void)module, (void)known, (void)text;
	*is_there = true;
}

bool asks_answer_for(const struct program *program, const struct module *module)
{
	bool is_there = false;

	/* A list opens nothing that the directory's text does not lead to. */
	for (size_t n = 0; n < known_count && !is_there; n++)
		if (known_all[n].kind != KNOWN_SASL_LIST &&
		    known_all[n].kind != KNOWN_PATTERN)
			each_text(program, module, &known_all[n], see_any,
				  &is_there);
	return is_there;
}

bool asks_answer_at(const struct reach *reach, const struct module *module,
		    uint64_t at)
{
	for (size_t n = 0; n < known_count; n++)
		if (known_all[n].kind == KNOWN_PATTERN &&
		    slice_has_prefix(module->name, known_all[n].module) &&
		    taken_text(reach, at, known_all[n].text))
			return true;
	return false;
}

void asks_add(struct derive *derive, const struct known *known,
	      struct slice name, uint64_t at)
{
	const struct module *module = program_module(&derive->program, at);
	struct derive_ask ask = { known, name,
				  (size_t)(module - derive->program.modules.at),
				  at };

	for (size_t i = 0; i < derive->asks.count; i++) {
		const struct derive_ask *other = &derive->asks.at[i];

		if (other->known == known && other->by == ask.by &&
		    slice_same(other->name, name))
			return;
	}
	LIST_ADD(&derive->asks, ask);
}

static void add_note(struct derive *derive, const struct module *module,
		     const char *what)
{
	for (size_t i = 0; i < derive->notes.count; i++)
		if (derive->notes.at[i].module == module &&
		    strcmp(derive->notes.at[i].what, what) == 0)
			return;
	LIST_ADD(&derive->notes, (struct derive_note){ module, what });
}

/* From outside of its library, and of that one, by a call or its address. */
static bool is_used_but(const struct derive *derive, const struct definition *d,
			const char *but)
{
	const struct module *own = program_module(&derive->program, d->address);

	for (int is_taker = 0; is_taker < 2; is_taker++) {
		size_t count;
		const struct reach_edge *edges =
			is_taker ? reach_takers(&count, &derive->reach,
						d->address)
				 : reach_edges(&count, &derive->reach,
					       d->address);

		for (size_t i = 0; i < count; i++) {
			const struct module *from = program_module(
				&derive->program, edges[i].from);

			if (from != own && !(but && slice_eq(from->name, but)))
				return true;
		}
	}
	return *module_mark(own, d->address) & MARK_UNKNOWN;
}

static bool is_used(const struct derive *derive, const struct definition *d)
{
	return is_used_but(derive, d, NULL);
}

static bool is_reached(const struct derive *derive, const struct definition *d)
{
	const struct module *own = program_module(&derive->program, d->address);

	return *module_mark(own, d->address) & MARK_QUEUED;
}

/* Whether that is so of any of the functions, which blanks separate. */
static bool is_any(const struct derive *derive, const char *words,
		   bool (*is_so)(const struct derive *derive,
				 const struct definition *d))
{
	struct slice word, rest = slice_from(words ? words : "");

	while (slice_word(&word, &rest)) {
		const struct definition *d = NULL;

		while ((d = program_named(&derive->program, word, d)))
			if (is_so(derive, d))
				return true;
	}
	return false;
}

/* Whether the program itself says what is opened. */
static bool is_chosen_by(const struct derive *derive, const struct known *known)
{
	struct slice word;
	struct slice rest = slice_from(known->choosers ? known->choosers : "");

	while (slice_word(&word, &rest)) {
		const struct definition *d = NULL;

		while ((d = program_named(&derive->program, word, d)))
			if (is_used_but(derive, d, known->chooser))
				return true;
	}
	return false;
}

static bool is_due(const struct derive *derive, const struct module *module,
		   const struct known *known, const struct text *text)
{
	if (!is_taken(&derive->reach, module, text))
		return false;
	/* A static program's functions have no names. */
	return !known->reached || !asks_can(&derive->program) ||
	       is_any(derive, known->reached, is_reached) ||
	       is_any(derive, known->called, is_used);
}

static void add_open(struct derive *derive, const struct text *text,
		     const char *why)
{
	LIST_ADD(&derive->opens,
		 (struct derive_open){ DERIVE_LOAD, text->address, why,
				       text->address, text->bytes });
}

/* What is asked for is the path beside the text. */
static void see_sasl(struct derive *derive, const struct module *module,
		     const struct known *known, const struct text *text)
{
	enum sasl_choice choice = sasl_find(derive, module);
	struct text path;

	if (!taken_path_beside(&path.bytes, &path.address, &derive->reach,
			       text->address)) {
		add_open(derive, text, "a directory that is not found");
		return;
	}
	if (known->kind == KNOWN_SASL_LIST) {
		if (choice == SASL_CONFIGURATION)
			add_note(derive, module, known->what);
	} else if (choice == SASL_DIRECTORY ||
		   is_any(derive, known->choosers, is_used)) {
		add_open(derive, &path, "the program names a directory");
	}
	asks_add(derive, known, path.bytes, path.address);
}

static void see_known(void *context, const struct module *module,
		      const struct known *known, const struct text *text)
{
	struct derive *derive = context;

	bool is_chosen = is_chosen_by(derive, known);
	bool is_directory = known->kind == KNOWN_DIRECTORY ||
			    known->kind == KNOWN_PAM;

	if (!is_due(derive, module, known, text))
		return;
	if (known->kind == KNOWN_PAM)
		is_chosen |= pam_may_choose(derive, module);
	if (known->kind == KNOWN_SASL || known->kind == KNOWN_SASL_LIST) {
		see_sasl(derive, module, known, text);
		return;
	}
	if (is_chosen &&
	    (known->kind == KNOWN_P11 || known->kind == KNOWN_GNUTLS))
		add_open(derive, text, "the program names a module");
	else if (is_chosen && is_directory)
		add_open(derive, text, "the program names a directory");
	else if (!asks_can(&derive->program) || is_chosen)
		add_note(derive, module, known->what);
	if (asks_can(&derive->program))
		asks_add(derive, known, text->bytes, text->address);
}

void asks_find(struct derive *derive)
{
	each_known(&derive->program, see_known, derive);
}

static void see_calls(void *context, const struct module *module,
		      const struct known *known, const struct text *text)
{
	struct reach *reach = context;
	struct slice word, rest = slice_from(known->calls ? known->calls : "");

	if (!known->calls || !is_taken(reach, module, text))
		return;
	while (slice_word(&word, &rest))
		reach_add_name(reach, word, text->address);
}

void asks_add_calls(struct reach *reach)
{
	size_t before = reach->work.count;

	each_known(reach->program, see_calls, reach);
	if (reach->work.count > before)
		reach_again(reach);
}
